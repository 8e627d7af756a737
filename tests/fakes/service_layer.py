"""Every public function of the service layer, by what it does; see the test of A1.

A new one belongs into one of these lists, or among what the test of A1 tries for every role.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

STATE = Path(__file__).parents[2] / "state"
PARTS = (
    *("store", "identity", "labeling", "labeling/second_look", "projects", "quality", "explore"),
    *("versions", "presentation", "upkeep", "exporting", "exporting/formats"),
)

# Only reads, so that anybody may ask for it.
LOOKS = """
store/audit_log.py: AuditLog.require AuditLog.count AuditLog.newest AuditLog.each AuditLog.latest
    AuditLog.revealed SeenTruth.came_before number_after require_role
store/batches.py: ImageBatches.of ImageBatches.all ImageBatches.gone taken_back items_of batches_of
    is_gone
store/database.py: lease_time parse_url plain_errors explain plain_json read_project
store/drafts.py: AnswerDraft.require_same UndoDraft.require_same Refusal.of check_uuid
    check_times check_note
store/events.py: EventLog.since EventLog.lately EventLog.latest EventLog.history EventLog.standing
    EventLog.labels
store/history.py: in_force standing
store/leases.py: ItemLeases.holders Priorities.of
store/models.py: Models.active Models.version Models.all Models.newest Models.line
    Models.operating_point Models.operating_points ancestry
store/people.py: People.all keys_of
store/projects.py: ProjectBook.all ProjectBook.called ProjectBook.removed ProjectBook.get suffix
    project_of highest_folder is_number
store/promotions.py: Promotions.all Promotions.production
store/store.py: Store.integrity_problems
store/work.py: training Work.of Work.training Queue.get Queue.all Queue.live Queue.next
    Queue.lease work_of
identity/arrival.py: name_of role_of can_be_managed
identity/door.py: Door.of why_not_start why_no_login is_this_machine is_hard_to_guess
labeling/claims.py: Claims.settled
labeling/desk.py: Shown.of Desk.proposal Desk.reason at_random utility_of
labeling/grid.py: GridChoice.items batched anomalous_answers usual_example
labeling/inbox.py: Intake.old Intake.to_json require read_draft
labeling/neighbors.py: nearest nearest_labeled
labeling/one_by_one.py: Ticket.to_json
labeling/payload.py: Sent.follow view_of items_of about shown_items pictures photos sphere given
    examples labels nothing_to_ask encode
labeling/second_look/review.py: Review.case Review.history Review.right Review.too_fast
    Review.last_word Review.may_unflag Review.reason Review.alike word_for disagreements unsure
    flagged had_second_look
labeling/selection.py: Sorted.sentence by_percentile sort_out in_front
labeling/sources.py: queue by_score similar
labeling/moved.py: crossings quality what_moved
labeling/rule.py: Rule.flags rule_of expected_share
labeling/standing.py: task_of round_of
labeling/second_look/suspicions.py: sampled Suspicions.lately Suspicions.of Suspicions.doubt
    Judge.of judge_of
labeling/turns.py: in_turn
projects/backbones.py: Card.of Backbones.check Backbones.downloaded
projects/commands.py: View.of form_of images_of examples_in content said_of check
projects/examples.py: marks marked images_at
projects/imports.py: Imports.named Imports.taken Imports.waiting Imports.used Imports.all
    Imports.coming Imports.ready check_labels is_a_source safe
projects/projects.py: Projects.due Projects.fresh Projects.stuck Projects.last_finished
    Projects.model Projects.known_already
projects/report.py: begun report_of put_together copies refused costs waiting as_the_model_sees
    seen
projects/runs.py: Runs.planned Runs.folder Runs.report Runs.images folder_named plan_of title_of
projects/terms.py: check_rounds check_overlap what_changed
projects/shelf.py: Shelf.lines Shelf.removed Shelf.lost Shelf.images
projects/weights.py: backbones read
quality/advice.py: next_step
quality/comparison.py: Entrant.from_json Comparison.entrant Comparison.scores Comparison.flagged
    Comparison.roc Comparison.precision_recall Comparison.flips Comparison.opinion
    Comparison.reconstruction Comparison.reconstructions Comparison.truth
quality/discovery.py: discovery
quality/held_out.py: held_out_quality
quality/pace.py: newest events_of answers_of prompted_answers_of answers_before independent
    independent_labels several_labels seconds_each per_minute labels_per_minute
    seconds_between
quality/tuning.py: Evidence.name Evidence.anomalous Evidence.cell Evidence.nearest Tuning.evidence
    Tuning.choose Tuning.points Tuning.of Tuning.seen_by Tuning.flips spread tuning_of
explore/drawing.py: seen_as_own seen_as look_of median_edge drawn_on centered evened padded
    fit_scale cut inverted looks_inverted read_drawing read_upload grey another look_at
explore/galleries.py: ranked_first walls_of exhibits suspects most_anomalous most_typical
    nearest_the_boundary worst_reconstructed best_reconstructed errors_of reconstruction_errors
explore/inspector.py: done_to losses
explore/listing.py: ImageTable.items ImageTable.rows is_unsure remarked ranked
explore/pool_map.py: PoolMap.gallery PoolMap.catalogue PoolMap.part PoolMap.places PoolMap.xy
    PoolMap.bands class_name labeled_in_round by_round round_name band_names by_percentile
    farthest written
explore/tried.py: Trial.neighbors shown ring
explore/judged.py: as_the_pool
exporting/labels.py: ProjectLabels.path ProjectLabels.score distinct iso
exporting/scores.py: scores_table
exporting/formats/tables.py: events_table event_row labels_table lines
exporting/formats/anomalib.py: labeled held_out
exporting/formats/image_folder.py: image_file
exporting/formats/label_studio.py: tasks words annotation choice predictions
exporting/formats/label_studio_file.py: read_label_studio entries task_of names_of annotation_of
    answer_in choices_in person_of
exporting/formats/statements.py: read_all answer_of person_called item_of moment
exporting/formats/tables_back.py: rows_of_csv plain rows_of_jsonl rows_of_parquet entries task_of
    statement noted reader
exporting/formats/fiftyone.py: read_fiftyone entries task_of class_of
exporting/formats/cvat.py: Builder.doctype task read_cvat entries require_small task_of
exporting/leaving.py: require_empty
exporting/returning.py: ItemNames.find stands said_by_item when kind_of
versions/backbone.py: card_of
versions/bundle.py: bundle folder_name texts labels figures
versions/card.py: card tags results measured_in figures seen onnx_part said
versions/commands.py: bar version_of
versions/differences.py: Drift.moved Drift.shown changes
versions/latest.py: News.learned news
versions/learned.py: learned sentence
versions/model_file.py: facts_of description_of weights_of thresholds_of preprocessing_of onnx_of
versions/lineage.py: Lineage.version Lineage.gallery Lineage.drift Lineage.changes Lineage.whole
    Lineage.next_round Lineage.knows_the_pool Lineage.described
presentation/opening.py: opening_of measured
presentation/page.py: told told_of bar items_of pool_of to_html
presentation/pdf.py: to_pdf letters_of_font drawable Paper.footer Paper.say Paper.say_at
    Paper.sentences Paper.figures Paper.bars Paper.matrix Paper.cell_at Paper.pictures
    Paper.story Paper.map Paper.points Paper.letter Paper.head sign
presentation/present.py: presentation_of Presenter.steps Presenter.flagged Presenter.step
    Presenter.cell Presenter.before Presenter.story Presenter.located ladder_of exceeded_by
presentation/values.py: Presentation.at
presentation/words.py: day owners letters
upkeep/archive.py: Manifest.encoded Manifest.decoded open_backup is_safe pieces_of moved_to
    told_numbers storable_text Backup.damaged Meter.begin Meter.moved
upkeep/backup.py: amount
upkeep/checks.py: file_findings leftover_findings folders_in is_abandoned listed
upkeep/commands.py: counts in_words outside_of
upkeep/contents.py: known_files files_of all_imports is_plain outside
upkeep/doctor.py: examine looking
upkeep/health.py: to_json told_of last_backup some called said_of
upkeep/metrics.py: StoreCollector.collect ServerFigures.text
upkeep/panel.py: Panel.deeds Panel.count Panel.who_there_is Panel.deeds_as_sheet Panel.ticket
    Panel.here Panel.workers Panel.disk sheet_for about size_of
upkeep/restore.py: database_of require_nothing
upkeep/tables.py: tables_of revision_of lines_of counters_of
presentation/pdf.py: Paper.rings
presentation/present.py: Presenter.sketch
presentation/words.py: amount span plural sentences rows cell_share change evidence notes model
    sample sketch source tried worse
"""

# Changes something for a process, for whoever uses the command line, or for one of the functions
# that ask who may: pages call none of these, other than the few that keep things going.
BENEATH = """
store/audit_log.py: AuditLog.doing AuditLog.record note
store/batches.py: ImageBatches.add begin_batch take_back extend
store/database.py: connect reading writing together restructuring take_time lock_project
store/events.py: EventLog.import_answers EventLog.bring_in EventLog.take_back_batch
store/leases.py: ItemLeases.take Priorities.put_first Priorities.forget
store/models.py: Models.publish Models.amend Models.save_operating_point
store/people.py: People.ensure People.arrive People.source
store/projects.py: ProjectBook.create ProjectBook.set_terms ProjectBook.archive ProjectBook.remove
    ProjectBook.restore ProjectBook.end ProjectBook.erase ProjectBook.set_pool_size
    ProjectBook.skip_to ProjectBook.take_turn next_number
store/store.py: Store.open Store.close
store/work.py: Queue.ask Queue.claim Queue.report Queue.finish Queue.cancel Queue.resume
    Queue.forget Queue.give_up Queue.interrupt_stale Queue.take_lease Queue.renew_lease
    Queue.release_lease Queue.holding Queue.skip_to open_queue lock_queue require_lease
identity/arrival.py: admit
labeling/payload.py: deliver
labeling/grid.py: deliver_grid
projects/backbones.py: Backbones.download
projects/commands.py: bring_in make add wait write_report
projects/examples.py: mark
projects/weights.py: heard
projects/imports.py: Imports.tend Imports.tend_all Imports.hold saving busy
projects/projects.py: Projects.first Projects.warm_up Projects.tend Projects.baseline
projects/runs.py: Runs.tend
projects/shelf.py: Shelf.tidy
explore/tried.py: try_image
explore/judged.py: judge
presentation/__main__.py: present main save
exporting/formats/tables.py: to_csv to_jsonl to_parquet
exporting/formats/image_folder.py: to_folder place_image linked
exporting/formats/anomalib.py: to_anomalib
exporting/formats/label_studio.py: to_label_studio
exporting/formats/fiftyone.py: to_fiftyone
exporting/formats/cvat.py: to_cvat
exporting/leaving.py: replacing
exporting/returning.py: drafts
exporting/downloads.py: labels_download scores_download packed
exporting/commands.py: labels_out scores_out labels_in
versions/onnx_apart.py: made_apart refusal_of main
versions/commands.py: model_out
upkeep/archive.py: BackupWriter.add BackupWriter.seal Backup.extract
upkeep/backup.py: Making.whole
upkeep/commands.py: backup restore BytesBar.begin BytesBar.moved
upkeep/health.py: doctor stop accept_as_it_is remember
upkeep/restore.py: restore repoint
upkeep/tables.py: snapshot fill set_counters
"""

KEEPS_GOING = {"tend", "warm_up", "tidy", "first", "ensure", "baseline", "heard"}


def listed(text: str) -> set[str]:
    """The names in one of the lists, each with its file."""
    found, file = set(), ""
    for word in text.split():
        if word.endswith(".py:"):
            file = word.removesuffix(":")
        else:
            found.add(f"{file} {word}")
    return found


def public() -> dict[str, ast.FunctionDef]:
    """Every public function and method there is, other than properties."""
    return {
        f"{file.relative_to(STATE).as_posix()} {name}": node
        for part in PARTS
        for file in sorted((STATE / part).glob("*.py"))
        for name, node in functions(ast.parse(file.read_text()))
    }


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The public functions of a file, and the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for part in node.body:
                if isinstance(part, ast.FunctionDef) and not hidden(part):
                    yield f"{node.name}.{part.name}", part


def hidden(part: ast.FunctionDef) -> bool:
    """Whether a method is private, or a property."""
    decorated = any("property" in ast.unparse(one) for one in part.decorator_list)
    return decorated or part.name.startswith("_")
