import AlulaJSON
import AlulaPrimitives
import AlulaSystem

/// Installs and steers the gateway's service, where there is a systemd to do it.
struct GatewayService {
    /// How the service stands.
    struct State {
        var isInstalled = false
        var isEnabled = false
        /// systemd's words, such as `active` and `running`.
        var active = "unknown"
        var sub = ""
        var processID: Int?
        var command: String?
        /// Why nobody can be asked.
        var absence: String?

        var isRunning: Bool { active == "active" }

        /// For people, in a few words.
        var headline: String {
            guard isInstalled else { return "not installed" }
            guard absence == nil else { return "installed, and nobody can be asked whether it runs" }
            let details = [processID.map { "pid \($0)" }, isEnabled ? nil : "not started at login"].compactMap(\.self)
            let state = isRunning ? "running" : "not running, \(active)"
            return state + (details.isEmpty ? "" : " (\(details.joined(separator: "; ")))")
        }
    }

    /// How long a change may take, such as waiting for the gateway to end.
    private static let patience = Duration.seconds(60)
    /// How long a look from beside may take.
    private static let glancePatience = Duration.seconds(5)

    let session: CommandSession
    let control: any ServiceControlling
    var unit: ServiceUnit

    init(_ session: CommandSession, port: Int? = nil) {
        self.session = session
        control = session.environment.services
        unit = ServiceUnit(
            executable: control.executable, layout: session.context.layout,
            variables: session.environment.variables, port: port)
    }

    /// Throws unless this machine's systemd manages services of this user, and nobody else manages the gateway.
    func requireManager() async throws {
        for name in ["OPENCLAW_SUPERVISOR_MODE", "OPENCLAW_SERVICE_REPAIR_POLICY", "ALULA_SUPERVISOR_MODE"]
        where session.environment.value(name) == "external" {
            throw CommandError(
                .notFound, "\(name) says that something else supervises the gateway, so its service is left alone.")
        }
        if session.environment.value("OPENCLAW_NIX_MODE", "ALULA_NIX_MODE") == "1" {
            throw CommandError(
                .notFound, "OPENCLAW_NIX_MODE is set: the service comes from the system's configuration.")
        }
        if let absence = try await absence(deadline: .after(Self.patience)) {
            throw CommandError(
                .gatewayUnreachable,
                "\(absence) Run the gateway under your own supervisor with: alula gateway run")
        }
    }

    /// Writes the unit and starts it.
    mutating func install() async throws {
        try await requireManager()
        unit.takesReferenceName = try await control.read(unit.referencePath) == nil
        try await control.write(unit.text, to: unit.path)
        try await call("daemon-reload")
        try await call("enable", unit.name)
        try await call("restart", unit.name)
    }

    /// Stops the service and removes the unit.
    ///
    /// - Returns: Whether there was one.
    func uninstall() async throws -> Bool {
        try await requireManager()
        guard try await control.read(unit.path) != nil else { return false }
        try await call("disable", "--now", unit.name)
        try await control.remove(unit.path)
        try await call("daemon-reload")
        return true
    }

    /// `start`, `stop` or `restart`.
    func steer(_ verb: String) async throws {
        try await requireManager()
        guard try await control.read(unit.path) != nil else {
            throw CommandError(.notFound, "The service is not installed. Install it with: alula service install")
        }
        try await call(verb, unit.name)
    }

    /// Looks, and changes nothing.
    func state() async throws -> State {
        var state = State()
        state.isInstalled = try await control.read(unit.path) != nil
        try await ask(&state, deadline: .after(Self.patience))
        return state
    }

    /// As ``state()``, for whom the service is not the question: it takes a few seconds at most, and what stands in the
    /// way is said instead of thrown.
    func glance() async throws -> State {
        var state = State()
        do {
            state.isInstalled = try await control.read(unit.path) != nil
            try await ask(&state, deadline: .after(Self.glancePatience))
        } catch let error as CancellationError {
            throw error
        } catch let error as SystemError where error.code == .deadlineExceeded {
            state.absence = "systemd did not answer within a few seconds."
        } catch {
            let reason = (error as? SystemError)?.message ?? (error as? CommandError)?.message
            state.absence = "The service could not be looked at. \(reason ?? "")".trimmed()
        }
        return state
    }

    /// The path of the reference's own unit, where that is installed beside ours and is not another name of it.
    func referenceUnit() async throws -> String? {
        do {
            guard let text = try await control.read(unit.referencePath) else { return nil }
            return try await control.read(unit.path) == text ? nil : unit.referencePath
        } catch is SystemError {
            // It can't be read, so nothing is known of it.
            return nil
        }
    }

    /// Completes `state` by what systemd says.
    private func ask(_ state: inout State, deadline: Deadline) async throws {
        state.absence = try await absence(deadline: deadline)
        guard state.absence == nil, state.isInstalled else { return }
        let properties = "ActiveState,SubState,MainPID,UnitFileState,ExecStart"
        let reply = try await control.run(
            "systemctl", ["--user", "show", "--property", properties, unit.name], deadline: deadline)
        for line in reply?.output.split(separator: "\n") ?? [] {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = String(line[line.index(after: equals)...])
            switch line[..<equals] {
            case "ActiveState": state.active = value
            case "SubState": state.sub = value
            case "MainPID": state.processID = Int(value).flatMap { $0 > 0 ? $0 : nil }
            case "UnitFileState": state.isEnabled = value == "enabled"
            case "ExecStart": state.command = value
            default: break
            }
        }
    }

    /// Whether the service ends with the session that started it.
    func endsWithSession() async throws -> Bool {
        let user = session.environment.value("USER", "LOGNAME").map { [$0] } ?? []
        let reply = try await control.run(
            "loginctl", ["show-user", "--property", "Linger"] + user, deadline: .after(Self.patience))
        return reply.map { $0.output.contains("Linger=no") } ?? false
    }

    /// Why there is no systemd to ask; `nil` when there is one.
    private func absence(deadline: Deadline) async throws -> String? {
        guard let reply = try await control.run("systemctl", ["--user", "show-environment"], deadline: deadline) else {
            return "This machine has no systemd, so there is nothing that could run a service."
        }
        guard reply.status != 0 else { return nil }
        return "systemd does not manage services of this user here (\(Self.firstLine(reply)))."
    }

    private func call(_ arguments: String...) async throws {
        guard let reply = try await control.run("systemctl", ["--user"] + arguments, deadline: .after(Self.patience))
        else {
            throw CommandError(.gatewayUnreachable, "This machine has no systemd.")
        }
        guard reply.status == 0 else {
            throw CommandError(
                .unavailable,
                "systemctl \(arguments.joined(separator: " ")) failed: \(Self.firstLine(reply)). Look with: journalctl --user -u \(unit.name)"
            )
        }
    }

    private static func firstLine(_ reply: ServiceReply) -> String {
        let lines = (reply.errors + "\n" + reply.output).split(separator: "\n")
        let line = lines.first.map { String($0.prefix(200)) } ?? "it ended with \(reply.status)"
        return line.hasSuffix(".") ? String(line.dropLast()) : line
    }
}

extension GatewayService.State {
    /// The reference's `service` section.
    func payload(_ unit: ServiceUnit) -> JSONValue {
        var runtime = JSONObject()
        runtime["status"] = .string(isRunning ? "running" : active == "unknown" ? "unknown" : "stopped")
        runtime["state"] = .string(active)
        runtime["subState"] = sub.isEmpty ? nil : .string(sub)
        runtime["pid"] = processID.map { .number($0) }
        runtime["detail"] = absence.map { .string($0) }
        var object = JSONObject()
        object["label"] = "systemd"
        object["installed"] = .bool(isInstalled)
        object["loaded"] = .bool(isInstalled && isEnabled)
        object["loadedText"] = "enabled"
        object["notLoadedText"] = "disabled"
        object["unit"] = .string(unit.name)
        object["command"] = isInstalled ? ["sourcePath": .string(unit.path)] : .null
        object["runtime"] = .object(runtime)
        return .object(object)
    }
}
