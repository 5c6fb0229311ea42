"""counterwatch: continuous background checks of the companies one sells to on credit."""

__version__ = "0.1.0"
