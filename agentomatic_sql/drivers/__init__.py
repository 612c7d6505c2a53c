"""The differences between drivers: connecting, whether a connection is open or lost, running an operation.

Each dialect imports the file of its driver.
"""

from .base import Driver, UserSetting

__all__ = ["Driver", "UserSetting"]
