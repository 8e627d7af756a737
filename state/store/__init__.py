"""What must survive, in one database: tables, answers, work, models, people."""
