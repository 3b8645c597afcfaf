"""What stands in where faces cannot be recognised: no library, or no camera for it. Every other way goes on."""

from kiosk.model import Person
from kiosk.refusals import notice
from kiosk.runtime.needs import Tell
from kiosk.session.effects import CompareFace, EnrolFace, FindFace
from kiosk.session.events import EnrolFailed, FaceMissed

OFF = notice("way_off")


class NoFaces:
    """Finds nobody and enrols nobody."""

    is_usable = False

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def find(self, effect: FindFace) -> None:
        """Say that this way is off."""
        self._tell(FaceMissed(effect.ask, OFF))

    def compare(self, effect: CompareFace) -> None:
        """Say that this way is off."""
        self._tell(FaceMissed(effect.ask, OFF))

    def enrol(self, effect: EnrolFace) -> None:
        """Say that this way is off."""
        self._tell(EnrolFailed(effect.ask, OFF))

    def stop(self) -> None:
        """Do nothing: nothing was seen."""

    def forget(self, person: Person) -> None:
        """Do nothing: there is no template."""
