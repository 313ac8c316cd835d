import AlulaSystem
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The screen of the terminal that this process was started at.
final class SystemScreen: Screen {
    /// What is drawn on where a terminal does not know its own size.
    private static let usual = ScreenSize(columns: 80, rows: 24)

    let events: AsyncStream<ScreenEvent>
    private let terminal: TakenTerminal

    private init(terminal: TakenTerminal, events: AsyncStream<ScreenEvent>) {
        self.terminal = terminal
        self.events = events
    }

    /// Takes the terminal; `nil` where there is none.
    static func take() throws -> SystemScreen? {
        guard TakenTerminal.isThere else { return nil }
        // A redraw that nobody took yet makes the next one superfluous. The end is the last one, so it is never dropped.
        let (events, continuation) = AsyncStream<ScreenEvent>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let keys = Mutex(KeyDecoder())
        @Sendable func tell(_ event: ScreenEvent) {
            continuation.yield(event)
            if event != .redraw { continuation.finish() }
        }
        let terminal = try TakenTerminal(enter: ScreenFrame.enter, leave: ScreenFrame.leave) { event in
            switch event {
            case .input(let bytes):
                let pressed = keys.withLock { keys in bytes.compactMap { keys.take($0) } }
                if pressed.contains(.quit) { tell(.quit) } else if !pressed.isEmpty { tell(.redraw) }
            case .changed: tell(.redraw)
            // What Ctrl-C sends is a person's wish, like q.
            case .ended(SIGINT): tell(.quit)
            case .ended(let signal): tell(.ended(signal: signal))
            }
        }
        return SystemScreen(terminal: terminal, events: events)
    }

    var size: ScreenSize {
        terminal.size.map { ScreenSize(columns: $0.columns, rows: $0.rows) } ?? Self.usual
    }

    func show(_ lines: [String]) { terminal.write(ScreenFrame.text(lines, size: size)) }

    func leave() { terminal.release() }
}
