import CAlulaShims
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The terminal of this process, taken for a program that draws its whole screen.
///
/// It is given back as it was whatever happens: by ``release()``, when the process is stopped from the keyboard (and taken again when
/// it goes on), and when it crashes. Only SIGKILL is too fast for that.
package final class TakenTerminal: Sendable {
    /// What happens at the terminal.
    package enum Event: Sendable {
        case input([UInt8])
        /// The size may be another, or somebody else had the terminal meanwhile.
        case changed
        /// A signal asks for the end. The second of the same kind ends the process at once.
        case ended(signal: Int32)
    }

    private struct State {
        var isShown = false
        var isReleased = false
        /// Nobody is at the other end any more.
        var isGone = false
    }

    private static let ending = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    private static let lasting = [SIGWINCH, SIGTSTP, SIGCONT]
    /// What the thread is told to end with; no signal has this number.
    private static let stop: UInt8 = 0

    private let state = Mutex(State())
    private let enter: String
    private let leave: String
    private let ends: (read: Int32, write: Int32)
    private let handler: @Sendable (Event) -> Void

    /// - Parameters:
    ///   - enter: Is written whenever the terminal was taken.
    ///   - leave: Is written before it is given back, also by a crash; at most 255 bytes.
    ///   - handler: Gets events on a thread of its own, one at a time.
    /// - Throws: ``SystemError`` when standard input is no terminal, or the system refuses.
    package init(enter: String, leave: String, _ handler: @escaping @Sendable (Event) -> Void) throws(SystemError) {
        (self.enter, self.leave) = (enter, leave)
        self.handler = handler
        var pipe: [Int32] = [-1, -1]
        guard alula_pipe(&pipe) == 0 else { throw SystemError(.current, while: "make a pipe") }
        ends = (pipe[0], pipe[1])
        // A handler must never wait, not even when signals come faster than the thread takes them.
        _ = fcntl(ends.write, F_SETFL, O_NONBLOCK)
        do throws(SystemError) {
            try take()
            try SystemThread.start(name: "terminal") { self.watch() }
        } catch {
            release()
            Descriptor.close(ends.read)
            throw error
        }
    }

    /// Whether standard input and output are terminals.
    package static var isThere: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Columns and rows; `nil` when the terminal does not know.
    package var size: (columns: Int, rows: Int)? {
        var columns: Int32 = 0
        var rows: Int32 = 0
        guard alula_terminal_size(STDOUT_FILENO, &columns, &rows) == 0, columns > 0, rows > 0 else { return nil }
        return (Int(columns), Int(rows))
    }

    /// Blocks until the terminal has taken it. Does nothing while somebody else has the terminal.
    package func write(_ text: String) {
        state.withLock { if $0.isShown { Self.write(text) } }
    }

    /// Gives the terminal back. The second time it does nothing.
    package func release() {
        let (isFirst, isGone) = state.withLock { state in
            defer { state.isReleased = true }
            hide(&state)
            return (!state.isReleased, state.isGone)
        }
        guard isFirst else { return }
        // A terminal that is gone may still send the signal that says so, and the end under way is the answer to it.
        if isGone { _ = signal(SIGHUP, SIG_IGN) }
        for number in Self.ending + Self.lasting where !(isGone && number == SIGHUP) { alula_unroute_signal(number) }
        do { _ = try Descriptor.write(ends.write, [Self.stop][...]) } catch {
            // The pipe is full of signals that came at once; closing it is as good an end.
        }
        Descriptor.close(ends.write)
    }

    // MARK: Taking and giving back

    private func take() throws(SystemError) {
        let failure = state.withLock { state -> SystemError? in
            guard !state.isShown, !state.isReleased else { return nil }
            guard alula_take_terminal(STDIN_FILENO, leave) == 0 else {
                return SystemError(.current, while: "take the terminal")
            }
            state.isShown = true
            for signal in Self.ending { _ = alula_route_signal(signal, ends.write, 1) }
            for signal in Self.lasting { _ = alula_route_signal(signal, ends.write, 0) }
            Self.write(enter)
            return nil
        }
        if let failure { throw failure }
    }

    private func hide(_ state: inout State) {
        guard state.isShown else { return }
        state.isShown = false
        Self.write(leave)
        alula_release_terminal()
    }

    private static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            do throws(ErrorNumber) {
                rest = rest.dropFirst(try Descriptor.write(STDOUT_FILENO, rest))
            } catch {
                guard error.rawValue == EAGAIN else { return }
                // Somebody made the stream non-blocking; waits until it takes more.
                var waited = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&waited, 1, -1)
            }
        }
    }

    // MARK: Watching

    /// Runs on a thread of its own until the terminal is given back.
    private func watch() {
        defer { Descriptor.close(ends.read) }
        while true {
            let listens = state.withLock { $0.isShown }
            var watched = [
                pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0),
                // Who reads in the background is stopped.
                pollfd(fd: listens ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&watched, 2, -1) >= 0 || errno == EINTR else { return }
            if watched[0].revents != 0 {
                do throws(ErrorNumber) {
                    let signals = try Descriptor.read(ends.read, maximum: 64)
                    if signals.isEmpty || signals.contains(Self.stop) { return }
                    for signal in signals { received(Int32(signal)) }
                } catch {
                    return
                }
            } else if watched[1].revents != 0, !readInput() {
                // The other end of the terminal has gone; the kernel tells whoever reads before it sends the signal.
                state.withLock { $0.isGone = true }
                handler(.ended(signal: SIGHUP))
                return waitForRelease()
            }
        }
    }

    private func waitForRelease() {
        while true {
            do throws(ErrorNumber) {
                let signals = try Descriptor.read(ends.read, maximum: 64)
                if signals.isEmpty || signals.contains(Self.stop) { return }
            } catch {
                return
            }
        }
    }

    /// - Returns: Whether there may be more.
    private func readInput() -> Bool {
        do throws(ErrorNumber) {
            let bytes = try Descriptor.read(STDIN_FILENO, maximum: 1024)
            guard !bytes.isEmpty else { return false }
            handler(.input(bytes))
            return true
        } catch {
            return error.rawValue == EAGAIN
        }
    }

    private func received(_ signal: Int32) {
        switch signal {
        case SIGWINCH: handler(.changed)
        case SIGTSTP:
            state.withLock { hide(&$0) }
            kill(getpid(), SIGSTOP)
        case SIGCONT:
            // In the background the terminal is somebody else's; whoever brings us back continues us again.
            guard tcgetpgrp(STDIN_FILENO) == getpgrp() || tcgetpgrp(STDIN_FILENO) < 0 else { return }
            state.withLock { hide(&$0) }
            do throws(SystemError) {
                try take()
                handler(.changed)
            } catch {
                handler(.ended(signal: SIGHUP))
            }
        default: handler(.ended(signal: signal))
        }
    }
}
