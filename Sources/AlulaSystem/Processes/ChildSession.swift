package import AlulaPrimitives
import CAlulaShims
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A child that is talked to over its standard streams for longer than one question.
///
/// One thread writes and one reads (they may be the same); ``kill()`` and ``status`` are for any thread. Whatever
/// happens, the child's whole process group ends with ``terminate(grace:)`` or with the object.
///
/// A child that asks the kernel to be ended with its parent is ended with the *thread* that started it: start such a
/// child from a thread that stays.
package final class ChildSession: Sendable {
    /// Where the child's standard error goes.
    package enum ErrorOutput: Sendable {
        /// Nowhere.
        case discarded
        /// Where this process's own goes.
        case inherited
    }

    private let child: SpawnedChild
    private let output: Int32
    private let input: Mutex<Int32?>

    /// Starts `command`. Blocks the calling thread until the program has been loaded.
    ///
    /// - Throws: ``SystemError/Code/cannotStart`` or ``SystemError/Code/noResources``.
    package init(_ command: ChildCommand, errorOutput: ErrorOutput = .discarded) throws(SystemError) {
        let pipes = ChildPipes()
        let inputPipe = try pipes.makePipe(childReads: true)
        let outputPipe = try pipes.makePipe(childReads: false)
        let errors =
            switch errorOutput {
            case .discarded: try pipes.openNull(O_WRONLY)
            case .inherited: try pipes.duplicate(STDERR_FILENO)
            }
        child = try SpawnedChild(command, input: inputPipe.childs, output: outputPipe.childs, errors: errors)
        input = Mutex(pipes.release(inputPipe.ours))
        output = pipes.release(outputPipe.ours)
    }

    deinit {
        closeInput()
        Descriptor.close(output)
        child.signalGroup(SIGKILL)
        if child.hasEnded { child.reap() } else { UnreapedChildren.adopt(child) }
    }

    /// The child's process id; its group has the same number.
    package var pid: Int32 { child.pid }

    /// Whether the child has ended.
    package var hasEnded: Bool { child.hasEnded }

    /// Sends all of `bytes`. Blocks the calling thread.
    ///
    /// - Throws: ``SystemError/Code/deadlineExceeded``, after which a part may have been sent, or
    ///   ``SystemError/Code/childEnded``.
    package func write(_ bytes: [UInt8], deadline: Deadline) throws(SystemError) {
        BlockingContext.assertAllowed()
        guard let descriptor = input.withLock({ $0 }) else {
            throw SystemError(.childEnded, "The input of the program was closed already.")
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let result = rest.withUnsafeBytes { alula_write_quietly(descriptor, $0.baseAddress, $0.count) }
            if result >= 0 {
                rest = rest.dropFirst(result)
                continue
            }
            switch errno {
            case EAGAIN: try wait(for: descriptor, Int16(POLLOUT), until: deadline)
            case EPIPE: throw SystemError(.childEnded, "The program ended before it took its input.")
            default: throw SystemError(.current, while: "write to the program")
            }
        }
    }

    /// Waits for output and returns what is there, at most `maximum`; nothing at the end. Blocks the calling thread.
    ///
    /// - Throws: ``SystemError/Code/deadlineExceeded`` when nothing came in time.
    package func read(maximum: ByteCount = .kibibytes(64), deadline: Deadline) throws(SystemError) -> [UInt8] {
        BlockingContext.assertAllowed()
        while true {
            do throws(ErrorNumber) {
                return try Descriptor.read(output, maximum: maximum.bytes)
            } catch  where error.rawValue != EAGAIN {
                throw SystemError(error, while: "read from the program")
            } catch {
                try wait(for: output, Int16(POLLIN), until: deadline)
            }
        }
    }

    /// Tells the child that there is no more input. For the writing thread.
    package func closeInput() {
        let descriptor = input.withLock { input in
            defer { input = nil }
            return input
        }
        if let descriptor { Descriptor.close(descriptor) }
    }

    /// Ends the whole group at once. Doesn't block; ``terminate(grace:)`` still has to collect the child.
    package func kill() { child.signalGroup(SIGKILL) }

    /// SIGTERM to the whole group, `grace`, SIGKILL, collect. Blocks the calling thread for at most `grace` and a
    /// second; a child that has ended is only collected.
    @discardableResult
    package func terminate(grace: Duration = .milliseconds(200)) -> ChildStatus {
        BlockingContext.assertAllowed()
        return child.hasEnded ? child.reap() : child.stop(grace: grace)
    }

    /// Waits for the child to end by itself and collects it; `nil` when `deadline` came first. Blocks the calling
    /// thread.
    package func waitForEnd(until deadline: Deadline) -> ChildStatus? {
        child.waitForEnd(until: deadline) ? child.reap() : nil
    }

    private func wait(for descriptor: Int32, _ events: Int16, until deadline: Deadline) throws(SystemError) {
        guard !deadline.hasPassed else {
            throw SystemError(.deadlineExceeded, "The program did not answer in time.")
        }
        var watched = pollfd(fd: descriptor, events: events, revents: 0)
        poll(&watched, 1, deadline.pollMilliseconds)
    }
}
