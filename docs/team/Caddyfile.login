# TLS with a certificate that Caddy gets by itself.
{$NAME} {
	reverse_proxy ringfence:8501
}
