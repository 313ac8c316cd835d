import AlulaJSON
import AlulaPrimitives
import ArgumentParser

/// `alula top`.
struct TopCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch a running gateway: providers, warms, lateness, clients, requests.",
        usage: """
            alula top
            alula top --interval 0.5
            alula top --once
            alula top --json --interval 10 | jq .lateness.worstMs
            """,
        discussion: """
            On a terminal it takes the whole screen until q or Ctrl-C; elsewhere it prints one screen after another. \
            It waits for a gateway that went away to come back. With --json each sample is one line. \
            Its own questions are among the requests.
            """)

    @Option(help: ArgumentHelp("Time between two samples.", valueName: "seconds")) var interval = 2.0
    @Flag(help: "Print one screen and end.") var once = false
    @OptionGroup var agent: AgentOption
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func validate() throws {
        guard (0.1...3600).contains(interval) else {
            throw ValidationError("--interval is a number of seconds from 0.1 to 3600.")
        }
    }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        var source = TopSource(session: session, agent: agent.id)
        let result: Result<ExitStatus, any Error>
        do {
            // A gateway that is not there is told before the screen is taken, as other commands tell it.
            let history = try await session.sampled(&source, TopHistory())
            if let screen = try takeScreen(session) {
                defer { screen.leave() }
                let display = TopDisplay(
                    session: session, screen: screen, interval: .seconds(interval), usesUnicode: usesUnicode(session),
                    showing: history)
                return try await display.run(source)
            }
            result = .success(try await print(&source, history, session))
        } catch {
            result = .failure(error)
        }
        await source.close()
        return try result.get()
    }

    /// The screen of a terminal that can draw.
    private func takeScreen(_ session: CommandSession) throws -> (any Screen)? {
        let kind = session.environment.variables["TERM"] ?? ""
        guard !once, !options.json, !options.plain, !kind.isEmpty, kind != "dumb" else { return nil }
        return try session.environment.takeScreen()
    }

    /// Whether letters beyond ASCII are shown as they are. Where no language is set nobody said that they aren't.
    private func usesUnicode(_ session: CommandSession) -> Bool {
        let variables = session.environment.variables
        let set = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { variables[$0] }.first { !$0.isEmpty }
        guard let language = set?.lowercased() else { return true }
        return language.contains("utf-8") || language.contains("utf8")
    }

    // MARK: One screen after another

    private func print(
        _ source: inout TopSource, _ first: TopHistory, _ session: CommandSession
    ) async throws -> ExitStatus {
        var history = first
        var count = 0
        while true {
            write(history, isFirst: count == 0, session)
            count += 1
            // Whoever read along has gone: there is nobody to write for.
            guard !once, !session.environment.terminal.isOutputGone else { return .done }
            do {
                try await session.environment.pause(.seconds(interval))
            } catch {
                return .done
            }
            history = try await session.sampled(&source, history)
        }
    }

    private func write(_ history: TopHistory, isFirst: Bool, _ session: CommandSession) {
        let terminal = session.environment.terminal
        guard !options.json else {
            let payload = TopPayload(history: history, at: session.environment.now())
            return terminal.write(OutputRenderer.printable(payload.value.text()) + "\n")
        }
        let columns = session.environment.variables["COLUMNS"].flatMap { Int($0) } ?? 100
        var view = TopScreen(history: history, columns: min(max(columns, 20), 1000))
        view.usesColours = session.output.usesColours
        view.usesUnicode = usesUnicode(session)
        view.utcOffset = session.output.utcOffset
        terminal.write((isFirst ? "" : "\n") + view.lines.map { $0 + "\n" }.joined())
    }
}
