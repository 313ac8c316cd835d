import ArgumentParser

/// `alula doctor`.
struct DoctorCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check everything that answers depend on, and say what to do. Changes nothing.",
        usage: """
            alula doctor
            alula doctor --lint --severity-min error
            alula doctor --only auth --allow-exec
            alula doctor --self-test
            alula doctor --bundle
            """,
        discussion: """
            With --lint the exit code is 1 when something was found at or above the least severity, and 2 when nothing \
            could be checked. Without it the exit code is 0 once the report is printed.

            With --self-test this program tries itself: it reads through its own worker process, starts a gateway on a \
            directory of its own and a free port, asks it and stops it. The exit code is 1 unless all of it worked. A \
            state directory that is named with it is read by the worker and left as it is.

            With --bundle it writes an archive for whoever helps, to FILE or to alula-bundle-<time>.tar.gz in the current \
            directory: version and machine, configuration and its problems, models.status, health, status, the end of the \
            log, names and rights of the state directory, the service. Secrets are left out, names that somebody chose \
            are replaced, and only you can read the file; look at it before you send it. Helper programs are run with \
            --allow-exec only, and an existing file is never written over.
            """)

    @Flag(help: "Let the exit code say whether something was found.") var lint = false
    @Option(help: ArgumentHelp("The least severity that counts: info, warning, error.", valueName: "severity"))
    var severityMin: String = "warning"
    @Option(help: ArgumentHelp("Run the checks whose id begins so; may be repeated.", valueName: "id"))
    var only: [String] = []
    @Option(help: ArgumentHelp("Leave out the checks whose id begins so; may be repeated.", valueName: "id"))
    var skip: [String] = []
    @Flag(help: "Show notes as well.") var all = false
    @Flag(help: "Run the helper programs behind secrets.providers.") var allowExec = false
    @Flag(help: "Try this program instead: worker, start, question, stop.") var selfTest = false
    @Flag(help: "Write a support bundle without secrets instead.") var bundle = false
    @Argument(help: ArgumentHelp("Where the bundle goes; a name in .tar is not compressed.", valueName: "file"))
    var bundleFile: String?
    @Flag(help: .hidden) var deep = false
    @Flag(help: .hidden) var nonInteractive = false
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard Finding.Severity(rawValue: severityMin) != nil else {
            throw ValidationError("--severity-min is one of info, warning, error.")
        }
        guard bundleFile == nil || bundle else { throw ValidationError("A file is for --bundle only.") }
        guard !bundle || !(selfTest || lint) else {
            throw ValidationError("--bundle goes with neither --self-test nor --lint.")
        }
    }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        if selfTest { return try await tryItself(session) }
        if bundle { return try await writeBundle(session) }
        let least = Finding.Severity(rawValue: severityMin) ?? .warning
        var report: DoctorReport
        do {
            report = try await Doctor(session: session, runsHelpers: allowExec).examine(only: only, skipping: skip)
        } catch let error as CommandError where lint {
            session.output.note(error.message)
            return .attention
        }
        report.findings.sort { left, right in left.severity > right.severity }
        if options.json {
            session.output.document(report.payload)
        } else {
            print(report, session.output)
        }
        guard lint else { return .done }
        guard report.checksRun > 0 else { return .attention }
        return report.findings.contains { $0.severity >= least } ? .no : .done
    }

    /// Only a state directory that is named here is read: the program is on trial, and not what somebody configured.
    private func tryItself(_ session: CommandSession) async throws -> ExitStatus {
        let isNamed = options.stateDir != nil || options.profile != nil || options.dev
        let report = try await session.environment.selfTest.run(reading: isNamed ? session.context.layout : nil)
        if options.json { session.output.document(report.payload) }
        session.output.table(
            TextTable(
                ["STEP", "", "TIME", "DETAIL"],
                report.steps.map { step in
                    [
                        .init(step.part.rawValue), step.isDone ? .init("ok", .good) : .init("failed", .bad),
                        .init("\(step.milliseconds) ms", .faint), .init(step.message),
                    ]
                }))
        return report.isFine ? .done : .no
    }

    private func print(_ report: DoctorReport, _ output: OutputRenderer) {
        let shown = report.findings.filter { all || $0.severity > .info }
        if !shown.isEmpty {
            output.table(TextTable(["", "CHECK", "FINDING", "NEXT"], shown.map(cells)))
            output.line()
        }
        let errors = report.findings.count { $0.severity == .error }
        let warnings = report.findings.count { $0.severity == .warning }
        output.line(
            "\(report.checksRun) checks: \(Self.count(errors, "error")), \(Self.count(warnings, "warning"))"
                + (report.checksSkipped > 0 ? ", \(report.checksSkipped) skipped." : "."))
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private func cells(_ finding: Finding) -> [TextTable.Cell] {
        let style: TextTable.Style =
            switch finding.severity {
            case .error: .bad
            case .warning: .uncertain
            case .info: .faint
            }
        return [
            .init(finding.severity.rawValue, style), .init(finding.checkID),
            .init(finding.message + (finding.path.map { " [\($0)]" } ?? "")), .init(finding.fixHint ?? "", .faint),
        ]
    }
}
