import AlulaAuth
import AlulaPrimitives

/// Looks at everything that credentials come from, through the facts that were gathered about it.
enum CredentialChecks {
    static let all: [DoctorCheck] = [
        DoctorCheck("auth.gathering") { scene in
            guard let failure = scene.preparationFailure else { return .findings([]) }
            return .findings([Finding("auth.gathering", .error, failure, fixHint: "run alula doctor again")])
        },
        check("auth.stores") { prepared, scene in stores(prepared) },
        DoctorCheck("auth.store-mode") { scene in
            guard let prepared = scene.prepared else { return .skipped }
            var findings: [Finding] = []
            for fact in prepared.facts.stores.values.compactMap(\.fact).sorted(by: { $0.path < $1.path })
            where !fact.path.isEmpty {
                findings += try await StateChecks.secretFile("auth.store-mode", fact.path, scene)
            }
            return .findings(findings)
        },
        check("auth.cli-logins") { prepared, scene in logins(prepared, now: scene.environment.now()) },
        check("auth.google") { prepared, _ in
            problem("auth.google", in: prepared.facts.googleCredentials, severity: .warning)
        },
        check("auth.aws") { prepared, _ in
            problem("auth.aws", in: prepared.facts.awsFiles, severity: .warning)
                + (prepared.facts.awsFiles.fact?.problems ?? []).map { Finding("auth.aws", .warning, $0) }
        },
        DoctorCheck("auth.secrets") { scene in
            guard let prepared = scene.prepared, !prepared.context.secretProviders.isEmpty else { return .skipped }
            return .findings(secrets(prepared, ranHelpers: scene.ranHelpers))
        },
    ]

    private static func check(
        _ id: String, _ look: @escaping @Sendable (PreparedAuth, DoctorScene) -> [Finding]
    ) -> DoctorCheck {
        DoctorCheck(id) { scene in
            guard let prepared = scene.prepared else { return .skipped }
            return .findings(look(prepared, scene))
        }
    }

    private static func stores(_ prepared: PreparedAuth) -> [Finding] {
        prepared.facts.stores.sorted { $0.key < $1.key }.flatMap { store, reading in
            problem("auth.stores", in: reading, severity: .error, path: store.directory)
                + (reading.fact?.problems ?? []).map { Finding("auth.stores", .warning, $0) }
        }
    }

    private static func logins(_ prepared: PreparedAuth, now: Timestamp) -> [Finding] {
        LoginTool.allCases.flatMap { tool -> [Finding] in
            guard let reading = prepared.facts.logins[tool] else { return [] }
            var findings = problem("auth.cli-logins", in: reading, severity: .warning)
            if let login = reading.fact, case .at(let end) = login.expiry, end <= now {
                findings.append(
                    Finding(
                        "auth.cli-logins", .info, "The login of the \(tool.displayName) has ended.", path: login.path,
                        fixHint: "run the \(tool.displayName); it renews its login by itself"))
            }
            return findings
        }
    }

    private static func secrets(_ prepared: PreparedAuth, ranHelpers: Bool) -> [Finding] {
        prepared.context.secretProviders.sorted { $0.key < $1.key }.flatMap { alias, provider -> [Finding] in
            let place = "secrets.providers.\(alias)"
            guard provider.source != .helper || ranHelpers else {
                return [
                    Finding(
                        "auth.secrets", .info, "The helper program was not run.", path: place,
                        fixHint: "run alula doctor --allow-exec")
                ]
            }
            guard let reading = prepared.facts.secretSources[alias] else { return [] }
            let missing = (reading.fact?.ids ?? [:]).filter { $0.value != .present }.keys.sorted()
            return problem("auth.secrets", in: reading, severity: .error, path: place)
                + missing.map { id in
                    Finding(
                        "auth.secrets", .error, "The secret \"\(id)\" was not found.", path: place,
                        fixHint: "add it there, or correct the reference")
                }
        }
    }

    /// What is wrong with a source as a whole.
    private static func problem<Fact>(
        _ id: String, in reading: Reading<Fact>, severity: Finding.Severity, path: String? = nil
    ) -> [Finding] {
        switch reading {
        case .pending, .absent, .found: []
        case .failed(let problem): [Finding(id, severity, problem)]
        case .timedOut(let milliseconds):
            [
                Finding(
                    id, .error, "This did not answer within \(milliseconds) ms.", path: path,
                    fixHint: "check the disk or the network mount behind it")
            ]
        }
    }
}

extension Finding {
    fileprivate init(_ id: String, _ severity: Severity, _ problem: SourceProblem) {
        let place = problem.path.map { path in
            path + (problem.line.map { ":\($0)" + (problem.column.map { ":\($0)" } ?? "") } ?? "")
        }
        self.init(id, severity, problem.message, path: place, fixHint: problem.remedy)
    }
}
