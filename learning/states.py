"""The states of a training that an operator asked for, and their transitions."""

from enum import StrEnum

from core.states import Machine


class TrainingStatus(StrEnum):
    """The status of a training: prepared by a person, waiting for its turn, at work, and how it ended.

    One that is refused, because the table cannot be learned from, is a draft again, with what is wrong with it.
    """

    DRAFT = "draft"
    WAITING = "waiting"
    RUNNING = "running"
    TRAINED = "trained"
    FAILED = "failed"
    CANCELED = "canceled"


TRAINING_OPEN = (TrainingStatus.WAITING, TrainingStatus.RUNNING)
"""Trainings that a worker has to do."""
TRAINING_WRITTEN = (TrainingStatus.DRAFT, TrainingStatus.FAILED)
"""Trainings whose choices a person may change, and that may be asked for."""
TRAINING_ENDED = (TrainingStatus.TRAINED, TrainingStatus.CANCELED)
"""Trainings that never change again."""

TRAINING = Machine(
    TrainingStatus,
    initial=[TrainingStatus.DRAFT],
    transitions={
        "ask": (TRAINING_WRITTEN, TrainingStatus.WAITING),
        "begin": ([TrainingStatus.WAITING], TrainingStatus.RUNNING),
        "wait": ([TrainingStatus.RUNNING], TrainingStatus.WAITING),
        "refuse": ([TrainingStatus.RUNNING], TrainingStatus.DRAFT),
        "finish": ([TrainingStatus.RUNNING], TrainingStatus.TRAINED),
        "fail": (TRAINING_OPEN, TrainingStatus.FAILED),
        "cancel": ((*TRAINING_WRITTEN, *TRAINING_OPEN), TrainingStatus.CANCELED),
    },
)
