import AlulaPrimitives
import ArgumentParser

/// `alula logs`.
struct LogsCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show the gateway's log, and follow it.",
        usage: """
            alula logs --limit 50
            alula logs --follow
            alula logs --json | jq -r 'select(.level == "error") | .message'
            """,
        discussion: """
            A running gateway is asked; without one the file is read. Following survives a restart of the gateway and a new \
            file at midnight. With --json each line is one record: meta, log, raw or notice.
            """)

    @Flag(name: [.long, .customShort("f")], help: "Go on with what is added, until interrupted.") var follow = false
    @Option(help: ArgumentHelp("Lines at most, each time.", valueName: "count")) var limit = 200
    @Option(help: ArgumentHelp("Bytes of the file at most, each time.", valueName: "bytes")) var maxBytes = 250_000
    @Option(help: ArgumentHelp("How often to look while following.", valueName: "ms")) var interval = 1000
    @Flag(help: "Show times on the local clock.") var localTime = false
    @Flag(help: "Show times in UTC.") var utc = false
    @Flag(help: .hidden) var expectFinal = false
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func validate() throws {
        guard (1...5000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 5000.") }
        guard (1...1_000_000).contains(maxBytes) else {
            throw ValidationError("--max-bytes is a number from 1 to 1000000.")
        }
        guard (50...3_600_000).contains(interval) else {
            throw ValidationError("--interval is a number of milliseconds from 50 to 3600000.")
        }
        guard !(localTime && utc) else { throw ValidationError("Either --local-time or --utc.") }
    }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        var follower = LogFollower(session: session, maximumLines: limit, maximumBytes: maxBytes)
        var printer = LogPrinter(session: session, time: utc ? .utc : localTime ? .local : .asWritten)
        let status = await run(&follower, &printer, session)
        await follower.close()
        return status
    }

    private func run(
        _ follower: inout LogFollower, _ printer: inout LogPrinter, _ session: CommandSession
    ) async -> ExitStatus {
        var hasBegun = false
        var isSilent = false
        while true {
            do {
                printer.print(try await follower.next())
                hasBegun = true
                isSilent = false
            } catch let error as CommandError {
                // Who follows a gateway elsewhere waits for it to come back.
                guard follow, hasBegun, error.code == .gatewayUnreachable || error.code == .timedOut else {
                    printer.fail(error.message)
                    return error.status
                }
                if !isSilent { printer.note(error.message) }
                isSilent = true
            } catch {
                return .temporary
            }
            // Whoever read along has gone: there is nobody to write for.
            guard follow, !session.environment.terminal.isOutputGone else { return .done }
            do {
                try await session.environment.pause(.milliseconds(interval))
            } catch {
                return .done
            }
        }
    }
}
