import AlulaState

/// Looks at the state directory and at our own files in it.
enum StateChecks {
    static let all: [DoctorCheck] = [
        DoctorCheck("state.directory") { scene in .findings(try await directory(scene)) },
        DoctorCheck("state.environment-file") { scene in
            .findings(try await secretFile("state.environment-file", scene.context.layout.environmentFile, scene))
        },
        DoctorCheck("gateway.token-file") { scene in
            .findings(try await secretFile("gateway.token-file", scene.context.layout.token, scene))
        },
        DoctorCheck("gateway.lock") { scene in .findings(lock(scene)) },
    ]

    private static func directory(_ scene: DoctorScene) async throws -> [Finding] {
        let id = "state.directory"
        let path = scene.context.layout.state
        guard let found = try await scene.environment.files.inspect(path) else {
            return [
                Finding(
                    id, .warning, "There is no state directory.", path: path,
                    fixHint: "run alula gateway run, or name another one with --state-dir")
            ]
        }
        guard found.kind == .directory else {
            return [
                Finding(
                    id, .error, "The state directory is no directory.", path: path,
                    fixHint: "name another one with --state-dir")
            ]
        }
        var findings: [Finding] = []
        if !found.isOwn {
            findings.append(
                Finding(
                    id, .warning, "The state directory belongs to another user.", path: path,
                    fixHint: "run alula as its owner"))
        }
        if found.isWritableByOthers {
            findings.append(
                Finding(
                    id, .error, "Other users may change the state directory.", path: path,
                    fixHint: "run chmod 700 \(path)"))
        } else if found.isReadableByOthers {
            findings.append(
                Finding(
                    id, .warning, "Other users may look into the state directory.", path: path,
                    fixHint: "run chmod 700 \(path)"))
        }
        return findings
    }

    /// A file with secrets, where it is there.
    static func secretFile(_ id: String, _ path: String, _ scene: DoctorScene) async throws -> [Finding] {
        guard let found = try await scene.environment.files.inspect(path) else { return [] }
        guard found.kind == .file else {
            return [Finding(id, .error, "This is no file.", path: path, fixHint: "move it away")]
        }
        if found.isWritableByOthers {
            return [
                Finding(id, .error, "Other users may change this file.", path: path, fixHint: "run chmod 600 \(path)")
            ]
        }
        guard found.isReadableByOthers else { return [] }
        return [
            Finding(
                id, .warning, "Other users may read the secrets in this file.", path: path,
                fixHint: "run chmod 600 \(path)")
        ]
    }

    private static func lock(_ scene: DoctorScene) -> [Finding] {
        guard let gateway = scene.gateway else {
            return [
                Finding(
                    "gateway.lock", .info, "No gateway is running on this state directory.",
                    fixHint: "run alula gateway run")
            ]
        }
        let process = gateway.processID.map { " (pid \($0))" } ?? ""
        return [Finding("gateway.lock", .info, "A gateway is running\(process) at \(gateway.url).")]
    }
}
