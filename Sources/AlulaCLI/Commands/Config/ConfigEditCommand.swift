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
            can be read, has no new mistakes and does not leave suspiciously little; otherwise you are asked. Nobody
            else's change is written over.
            """)

    @Flag(help: "Don't ask before a text is saved that leaves suspiciously little.") var allowShrink = false
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        guard session.mayAsk, session.environment.terminal.isOutputInteractive else {
            throw CommandError(
                .usage, "This opens an editor, so it needs a terminal. Change single values with: alula config set")
        }
        guard let editor = session.environment.value("VISUAL", "EDITOR") else {
            throw CommandError(.usage, "No editor is set. Name one: EDITOR=nano alula config edit")
        }
        return try await ConfigurationEdit(session: session, editor: editor, allowsShrink: allowShrink).run()
    }
}

/// One edit of the file, from the copy to the exchange.
private struct ConfigurationEdit {
    private static let blank = Array("{\n}\n".utf8)

    let session: CommandSession
    let editor: String
    let allowsShrink: Bool

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
            return try await meant(try await holder.check(text, replacing: snapshot, acceptingMistakes: false), copy)
        } catch let error as ConfigurationEditError {
            session.output.note("The text is not saved yet: \(error.message)")
            for problem in error.problems where problem.severity == .error { session.output.note("\(problem)") }
            // What can't be read at all would leave the next start without a configuration.
            let outcome = error.code == .invalid ? try await withMistakes(text, snapshot, holder) : nil
            let answer = try await choice(saving: outcome == nil ? nil : "save it with its mistakes", copy)
            return if answer == .save, let outcome { try await meant(outcome, copy) } else { decision(answer) }
        }
    }

    /// Asks before a text takes the file's place that looks like an accident, as the gateway refuses one.
    private func meant(_ outcome: ConfigurationEditor.Outcome, _ copy: String) async throws -> Decision? {
        let reasons = outcome.suspicions.filter(\.refusesWholeTexts)
        guard !reasons.isEmpty, !allowsShrink else { return .write(outcome) }
        session.output.note(
            "The text is not saved yet: too little would be left (\(reasons.map(\.description).joined(separator: ", ")))."
        )
        let answer = try await choice(saving: "save it all the same", copy)
        return answer == .save ? .write(outcome) : decision(answer)
    }

    private enum Choice {
        case editAgain
        case save
        case leave
    }

    /// What the person wants to happen; `saving` is what may be wanted besides, in words.
    private func choice(saving: String?, _ copy: String) async throws -> Choice {
        let choices = "Edit again (e)" + (saving.map { ", \($0) (s)" } ?? "")
        let answer = try await session.environment.terminal.readAnswer(
            prompt: choices + ", or leave the file as it is (Enter)? ")
        switch answer?.lowercased().first {
        case "e": return .editAgain
        case "s" where saving != nil: return .save
        default:
            session.output.note("\(path) stays as it is. Your text is kept in \(copy).")
            return .leave
        }
    }

    private func decision(_ choice: Choice) -> Decision? { choice == .editAgain ? .editAgain : nil }

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
            session.output.note("Takes effect when the gateway is started again: \(paths).")
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
