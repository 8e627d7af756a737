"""Every error the engine raises on purpose.

    RingfenceError
    ├── InvalidInput
    │   ├── InvalidScenario
    │   ├── TooLittleKnown
    │   ├── Refused
    │   ├── WeightsError
    │   └── DatasetError
    │       ├── DatasetMissing
    │       └── DatasetDamaged
    ├── NotFitted
    ├── CheckpointError
    ├── ExportRefused
    ├── RunDamaged
    └── Cancelled

    UserWarning
    └── CollapseWarning

The message of each is one plain sentence that says what is wrong and what to do; it may be shown
to a user as it is.
"""


class RingfenceError(Exception):
    """Something Ringfence can explain in a sentence."""


class InvalidInput(RingfenceError):
    """A value given by the user cannot be used; change it and try again."""


class TooLittleKnown(InvalidInput):
    """What is known does not suffice for what was asked; label more or ask for less."""


class Refused(InvalidInput):
    """One image of many cannot be read; the others can."""


class InvalidScenario(InvalidInput):
    """The scenario asks for something its dataset cannot give."""


class WeightsError(InvalidInput):
    """The weights of a backbone are missing, damaged, or those of another network."""


class DatasetError(InvalidInput):
    """The dataset cannot be read."""


class DatasetMissing(DatasetError):
    """The files of the dataset are not where they were looked for."""


class DatasetDamaged(DatasetError):
    """A file of the dataset is there, but is truncated, altered or of another format."""


class NotFitted(RingfenceError):
    """The detector was asked for scores before it was fitted; call `fit` first."""


class CheckpointError(RingfenceError):
    """A saved model is missing, damaged or of another version."""


class ExportRefused(RingfenceError):
    """A model cannot be written so that it scores elsewhere as it does here."""


class RunDamaged(RingfenceError):
    """The folder of a run is unfinished, incomplete or of another version."""


class Cancelled(RingfenceError):
    """Training was stopped on request; go on from a saved model, not from the detector at hand."""


class CollapseWarning(UserWarning):
    """The hypersphere has collapsed: nearly every image has the same score."""
