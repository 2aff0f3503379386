"""Owns org.freedesktop.secrets and answers nothing, or everything up to a point.

silent_service.py METHOD...: the methods that stay without an answer ("all" for every one). The
others get an empty but valid answer.
"""
import sys

import dbus
import dbus.lowlevel
import dbus.mainloop.glib
from gi.repository import GLib

silent = set(sys.argv[1:])

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()

ANSWERS = {
    "GetAll": ("a{sv}", [dbus.Dictionary({}, signature="sv")]),
    "OpenSession": ("vo", [dbus.String("", variant_level=1), dbus.ObjectPath("/session")]),
    "SearchItems": ("aoao", [dbus.Array([], signature="o"), dbus.Array([], signature="o")]),
    "ReadAlias": ("o", [dbus.ObjectPath("/")]),
}


def on_message(connection, message):
    if message.get_type() != dbus.lowlevel.MESSAGE_TYPE_METHOD_CALL:
        return dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED
    method = message.get_member()
    if "all" in silent or method in silent or method not in ANSWERS:
        return dbus.lowlevel.HANDLER_RESULT_HANDLED
    if method == "OpenSession" and message.get_args_list()[0] != "plain":
        connection.send_message(
            dbus.lowlevel.ErrorMessage(message, "org.freedesktop.DBus.Error.NotSupported", "plain")
        )
        return dbus.lowlevel.HANDLER_RESULT_HANDLED
    answer = dbus.lowlevel.MethodReturnMessage(message)
    signature, values = ANSWERS[method]
    answer.append(*values, signature=signature)
    connection.send_message(answer)
    return dbus.lowlevel.HANDLER_RESULT_HANDLED


bus.add_message_filter(on_message)
bus.request_name("org.freedesktop.secrets")
print("ready", flush=True)
GLib.MainLoop().run()
