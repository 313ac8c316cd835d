import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The browser of this machine's user.
struct SystemBrowser {
    /// Starting one; it goes on for as long as its user likes.
    private static let patience = Duration.seconds(10)

    let pool: BlockingPool
    /// The process's environment, which the browser gets.
    let variables: [String: String]

    /// Opens `address` where somebody looks at a display. Whoever has none opens it elsewhere, so nothing is said.
    func open(_ address: String) async {
        guard let command = command(for: address) else { return }
        do {
            _ = try await pool.run("open a browser", deadline: .after(Self.patience + .seconds(2))) {
                try ChildProcess.run(command, limits: ChildLimits(deadline: .after(Self.patience)))
            }
        } catch {
            // The address is on the terminal, and every other way is as good.
        }
    }

    /// A session of its own keeps the browser, which may be what is started here, from ending with this command.
    private func command(for address: String) -> ChildCommand? {
        #if os(macOS)
        ChildCommand(executable: "/usr/bin/open", arguments: [address], environment: variables)
        #else
        guard ["DISPLAY", "WAYLAND_DISPLAY"].contains(where: { !(variables[$0] ?? "").isEmpty }) else { return nil }
        let line = #"exec setsid -f xdg-open "$1" </dev/null >/dev/null 2>&1"#
        return ChildCommand(
            executable: "/bin/sh", arguments: ["-c", line, "sh", address], environment: variables)
        #endif
    }
}
