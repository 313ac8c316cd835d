import AlulaPrimitives
import Synchronization

/// Shows what is sampled on a whole screen, until a person or a signal ends it.
final class TopDisplay: Sendable {
    private let session: CommandSession
    private let screen: any Screen
    private let interval: Duration
    private let usesUnicode: Bool
    private let shown: Mutex<TopHistory>

    /// - Parameter history: What was sampled so far, which is shown at once.
    init(
        session: CommandSession, screen: any Screen, interval: Duration, usesUnicode: Bool, showing history: TopHistory
    ) {
        self.session = session
        self.screen = screen
        self.interval = interval
        self.usesUnicode = usesUnicode
        shown = Mutex(history)
    }

    /// - Parameter source: Where the next samples come from. It is closed in the end.
    func run(_ source: TopSource) async throws -> ExitStatus {
        draw(shown.withLock { $0 })
        return try await withThrowingTaskGroup(of: ExitStatus.self) { group in
            group.addTask { await self.follow() }
            group.addTask { try await self.sample(source) }
            defer { group.cancelAll() }
            return try await group.next() ?? .done
        }
    }

    /// Answers the terminal until it wants an end.
    private func follow() async -> ExitStatus {
        for await event in screen.events {
            switch event {
            case .redraw: draw(shown.withLock { $0 })
            case .quit: return .done
            // As a shell tells of a program that a signal ended.
            case .ended(let signal): return ExitStatus(rawValue: 128 + signal)
            }
        }
        return .done
    }

    /// Samples until the gateway turns us away for good.
    private func sample(_ first: TopSource) async throws -> ExitStatus {
        var source = first
        let failure: any Error
        do {
            while true {
                try await session.environment.pause(interval)
                let history = try await session.sampled(&source, shown.withLock { $0 })
                shown.withLock { $0 = history }
                draw(history)
            }
        } catch {
            failure = error
        }
        await source.close()
        throw failure
    }

    private func draw(_ history: TopHistory) {
        let size = screen.size
        var view = TopScreen(history: history, columns: size.columns, rows: size.rows)
        view.usesColours = session.output.usesColours
        view.usesUnicode = usesUnicode
        view.hint = "q quits"
        view.utcOffset = session.output.utcOffset
        screen.show(view.lines)
    }
}

extension CommandSession {
    /// The next sample, or the note that the gateway is away.
    ///
    /// - Throws: ``CommandError`` for a gateway that won't have us however often we ask, `CancellationError`.
    func sampled(_ source: inout TopSource, _ history: TopHistory) async throws -> TopHistory {
        var history = history
        do {
            history.take(try await source.next())
        } catch let error as CommandError where history.sample != nil && TopSource.mayReturn(error) {
            history.lose(error.message, at: environment.now(), elapsed: environment.elapsed())
        }
        return history
    }
}
