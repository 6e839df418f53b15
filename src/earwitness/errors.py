"""The one kind of error that the user can fix."""


class InputError(ValueError):
    """Something given to the project is wrong; the message names it and the remedy in one line.

    Every command prints it as a single line and ends with exit status 2; everything else that
    is raised is a defect of ours and keeps its traceback.
    """
