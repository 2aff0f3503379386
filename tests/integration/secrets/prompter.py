"""The person before gnome-keyring's dialog: types a password, dismisses it, or has gone for coffee.

Speaks the system prompter's protocol (org.gnome.keyring.internal.Prompter) on the session bus. gcr
brings the password's encryption (GcrSecretExchange), so the keyring sees what it sees from its own
dialog. prompter.py type PASSWORD | dismiss | ignore
"""
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
import gi

gi.require_version("Gcr", "3")
from gi.repository import Gcr, GLib  # noqa: E402

INTERFACE = "org.gnome.keyring.internal.Prompter"
CALLBACK = "org.gnome.keyring.internal.Prompter.Callback"
action = sys.argv[1]
password = sys.argv[2] if len(sys.argv) > 2 else ""
exchanges = {}


def ready(sender, path, reply, exchange):
    callback = dbus.Interface(bus.get_object(sender, path, introspect=False), CALLBACK)
    callback.PromptReady(
        reply, dbus.Dictionary({}, signature="sv"), exchange,
        reply_handler=lambda *_: None, error_handler=lambda *_: None,
    )


class Prompter(dbus.service.Object):
    @dbus.service.method(INTERFACE, in_signature="o", sender_keyword="sender")
    def BeginPrompting(self, callback, sender):
        exchanges[callback] = Gcr.SecretExchange.new(None)
        GLib.idle_add(ready, sender, callback, "", exchanges[callback].begin())

    @dbus.service.method(INTERFACE, in_signature="osa{sv}s", sender_keyword="sender")
    def PerformPrompt(self, callback, kind, properties, exchange, sender):
        del properties
        if action == "ignore":
            return
        mine = exchanges[callback]
        assert mine.receive(exchange)
        if action == "dismiss":
            GLib.idle_add(ready, sender, callback, "no", mine.send(None, 0))
            return
        assert kind in ("password", "confirm"), kind
        GLib.idle_add(ready, sender, callback, "yes", mine.send(password, -1))

    @dbus.service.method(INTERFACE, in_signature="o", sender_keyword="sender")
    def StopPrompting(self, callback, sender):
        print("stopped", flush=True)
        done = dbus.Interface(bus.get_object(sender, callback, introspect=False), CALLBACK)
        done.PromptDone(reply_handler=lambda *_: None, error_handler=lambda *_: None)


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
prompter = Prompter(bus, "/org/gnome/keyring/Prompter")
name = dbus.service.BusName("org.gnome.keyring.SystemPrompter", bus)
print("ready", flush=True)
GLib.MainLoop().run()
