import AlulaConfiguration
import AlulaJSON
import AlulaState
import ArgumentParser

/// `alula config edit`.
struct ConfigEditCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Open the configuration file in your editor and check it before it is saved.",
        usage: """
            alula config edit
            EDITOR=nano alula config edit
            """,
        discussion: """
            $VISUAL or $EDITOR opens a copy that only you can read. What you save there takes the file's place when it
            can be read and has no new mistakes; otherwise you are asked. Nobody else's change is written over.
            """)

    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        guard session.mayAsk, session.environment.terminal.isOutputInteractive else {
            throw CommandError(
                .usage, "This opens an editor, so it needs a terminal. Change single values with: alula config set")
        }
        guard let editor = session.environment.value("VISUAL", "EDITOR") else {
            throw CommandError(.usage, "No editor is set. Name one: EDITOR=nano alula config edit")
        }
        return try await ConfigurationEdit(session: session, editor: editor).run()
    }
}

/// One edit of the file, from the copy to the exchange.
private struct ConfigurationEdit {
    private static let blank = Array("{\n}\n".utf8)

    let session: CommandSession
    let editor: String

    private var path: String { session.context.layout.configuration }

    func run() async throws -> ExitStatus {
        let editors = session.environment.editors(session.context)
        let holder = session.environment.configurationText(session.context)
        let snapshot = try await explaining { try await holder.begin() }
        let original = snapshot.text ?? Self.blank
        let copy = try await editors.makeCopy(of: original, from: path)
        var text = original
        while true {
            let status = try await editors.edit(copy, with: editor)
            guard status == 0 else {
                await editors.discard(copy)
                throw CommandError(
                    .requestRefused,
                    "The editor ended with an error (\(status)), so \(path) stays as it is.")
            }
            text = try await editors.read(copy)
            if text == original {
                await editors.discard(copy)
                return report("Nothing was changed.", isChanged: false)
            }
            guard let outcome = try await accepted(text, snapshot, holder, copy) else { return .configuration }
            guard case .write(let result) = outcome else { continue }
            do {
                try await explaining { try await holder.write(result) }
            } catch let error as CommandError {
                throw CommandError(
                    error.code, "\(error.message) Your text is kept in \(copy).", underlying: error.underlying)
            }
            await editors.discard(copy)
            return saved(result)
        }
    }

    private enum Decision {
        case write(ConfigurationEditor.Outcome)
        case editAgain
    }

    /// What becomes of `text`; `nil` leaves the file as it is.
    private func accepted(
        _ text: [UInt8], _ snapshot: ConfigurationSnapshot, _ holder: any ConfigurationTextHolding, _ copy: String
    ) async throws -> Decision? {
        do {
            return .write(try await holder.check(text, replacing: snapshot, acceptingMistakes: false))
        } catch let error as ConfigurationEditError {
            session.output.note("The text is not saved yet: \(error.message)")
            for problem in error.problems where problem.severity == .error { session.output.note("\(problem)") }
            // What can't be read at all would leave the next start without a configuration.
            let outcome = error.code == .invalid ? try await withMistakes(text, snapshot, holder) : nil
            let choices = "Edit again (e)" + (outcome == nil ? "" : ", save it with its mistakes (s)")
            let answer = try await session.environment.terminal.readAnswer(
                prompt: choices + ", or leave the file as it is (Enter)? ")
            switch (answer?.lowercased().first, outcome) {
            case ("e", _): return .editAgain
            case ("s", let outcome?): return .write(outcome)
            default:
                session.output.note("\(path) stays as it is. Your text is kept in \(copy).")
                return nil
            }
        }
    }

    private func withMistakes(
        _ text: [UInt8], _ snapshot: ConfigurationSnapshot, _ holder: any ConfigurationTextHolding
    ) async throws -> ConfigurationEditor.Outcome? {
        do {
            return try await holder.check(text, replacing: snapshot, acceptingMistakes: true)
        } catch is ConfigurationEditError {
            return nil
        }
    }

    private func saved(_ outcome: ConfigurationEditor.Outcome) -> ExitStatus {
        for problem in outcome.configuration.problems { session.output.note("\(problem)") }
        if outcome.plan.needsRestart {
            let paths = outcome.plan.restartPaths.map(\.description).joined(separator: ", ")
            session.output.note("This counts after a restart of the gateway: \(paths)")
        }
        return report("Saved \(path).", isChanged: true)
    }

    private func report(_ text: String, isChanged: Bool) -> ExitStatus {
        if session.output.isJSON {
            session.output.document(["ok": true, "path": .string(path), "changed": .bool(isChanged)])
        } else {
            session.output.line(text)
        }
        return .done
    }

    private func explaining<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as StateError {
            let code: CommandError.Code = error.code == .fileChanged ? .requestRefused : .storeUnavailable
            throw CommandError(code, error.message, underlying: error)
        }
    }
}
