import AlulaPrimitives
import CAlulaShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs a program to its end, within bounds.
package enum ChildProcess {
    /// A path that starts this very program again, even after its file was replaced or removed.
    package static var ownExecutable: String {
        #if os(Linux)
        "/proc/self/exe"
        #else
        CommandLine.arguments.first ?? ""
        #endif
    }

    /// Runs `command` and collects what it says. Blocks the calling thread until it has ended.
    ///
    /// The child leads a process group of its own. Nothing in that group outlives the call: it is ended when the child
    /// has ended, also where something that the child started holds its output open.
    ///
    /// - Parameter input: What it reads on standard input before the end; `nil` for an empty input.
    /// - Throws: ``SystemError/Code/cannotStart``, ``SystemError/Code/deadlineExceeded``,
    ///   ``SystemError/Code/silent`` or ``SystemError/Code/outputTooLarge``.
    package static func run(
        _ command: ChildCommand, input: [UInt8]? = nil, limits: ChildLimits
    ) throws(SystemError) -> ChildOutcome {
        BlockingContext.assertAllowed()
        guard !limits.deadline.hasPassed else { throw ChildConversation.late }
        let pipes = ChildPipes()
        let output = try pipes.makePipe(childReads: false)
        let errors = try pipes.makePipe(childReads: false)
        let inputPipe = input == nil ? nil : try pipes.makePipe(childReads: true)
        let childInput =
            if let inputPipe { inputPipe.childs } else { try pipes.openNull(O_RDONLY) }

        let child = try SpawnedChild(command, input: childInput, output: output.childs, errors: errors.childs)
        for descriptor in [childInput, output.childs, errors.childs] { pipes.close(descriptor) }

        var conversation = ChildConversation(
            child: child, pipes: pipes, limits: limits, output: output.ours, errors: errors.ours,
            input: inputPipe.map { ($0.ours, input ?? []) })
        do throws(SystemError) {
            try conversation.hold()
        } catch {
            child.stop(grace: limits.grace)
            throw error
        }
        return ChildOutcome(
            status: child.reap(), output: conversation.output.bytes, errorOutput: conversation.errors.bytes)
    }
}

/// The poll loop between a child's start and its end.
private struct ChildConversation {
    /// One stream from the child.
    struct Inflow {
        /// `nil` after its end.
        var descriptor: Int32?
        var bytes: [UInt8] = []
        let maximum: ByteCount
    }

    static let late = SystemError(.deadlineExceeded, "The program did not finish in time and was ended.")
    /// What output still gets once the child itself has ended.
    private static let drain = Duration.milliseconds(100)

    private let child: SpawnedChild
    private let pipes: ChildPipes
    private let limits: ChildLimits
    private(set) var output: Inflow
    private(set) var errors: Inflow
    private var input: (descriptor: Int32, rest: ArraySlice<UInt8>)?
    private var silenceEnd: Deadline?
    /// Set once the child has ended.
    private var drainEnd: Deadline?

    init(
        child: SpawnedChild, pipes: ChildPipes, limits: ChildLimits, output: Int32, errors: Int32,
        input: (descriptor: Int32, bytes: [UInt8])?
    ) {
        self.child = child
        self.pipes = pipes
        self.limits = limits
        self.output = Inflow(descriptor: output, maximum: limits.maximumOutput)
        self.errors = Inflow(descriptor: errors, maximum: limits.maximumErrorOutput)
        self.input = input.map { ($0.descriptor, $0.bytes[...]) }
        silenceEnd = limits.silence.map { .after($0) }
    }

    /// Returns when the child has ended and said everything.
    mutating func hold() throws(SystemError) {
        while true {
            if drainEnd == nil, child.hasEnded { drainEnd = .after(Self.drain) }
            if let drainEnd, drainEnd.hasPassed || (output.descriptor == nil && errors.descriptor == nil) { return }
            guard !limits.deadline.hasPassed else { throw Self.late }
            if drainEnd == nil, let silenceEnd, silenceEnd.hasPassed {
                throw SystemError(.silent, "The program said nothing for too long and was ended.")
            }
            waitForEvents()
            try feed()
            let heard = try Self.receive(&output, pipes)
            if try Self.receive(&errors, pipes) || heard { silenceEnd = limits.silence.map { .after($0) } }
        }
    }

    private func waitForEvents() {
        var watched: [pollfd] = []
        for case let descriptor? in [output.descriptor, errors.descriptor] {
            watched.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        }
        if let input { watched.append(pollfd(fd: input.descriptor, events: Int16(POLLOUT), revents: 0)) }
        var end = limits.deadline
        if let drainEnd {
            end = min(end, drainEnd)
        } else {
            if let silenceEnd { end = min(end, silenceEnd) }
            if child.endDescriptor >= 0 {
                watched.append(pollfd(fd: child.endDescriptor, events: Int16(POLLIN), revents: 0))
            } else {
                end = end.capped(at: .milliseconds(5))
            }
        }
        // An interrupted wait is one more round.
        poll(&watched, nfds_t(watched.count), end.pollMilliseconds)
    }

    /// Hands over more input, or closes it at its end or when the child doesn't want it.
    private mutating func feed() throws(SystemError) {
        guard let (descriptor, rest) = input else { return }
        let result = rest.withUnsafeBytes { alula_write_quietly(descriptor, $0.baseAddress, $0.count) }
        if result < 0 {
            switch errno {
            case EAGAIN: return
            case EPIPE: input = (descriptor, [])
            default: throw SystemError(.current, while: "write to the program")
            }
        } else {
            input = (descriptor, rest.dropFirst(result))
        }
        if input?.rest.isEmpty == true {
            input = nil
            pipes.close(descriptor)
        }
    }

    /// Takes what `stream` has now. `true` when there was something.
    private static func receive(_ stream: inout Inflow, _ pipes: ChildPipes) throws(SystemError) -> Bool {
        guard let descriptor = stream.descriptor else { return false }
        let part: [UInt8]
        do throws(ErrorNumber) {
            part = try Descriptor.read(descriptor, maximum: 64 << 10)
        } catch {
            if error.rawValue == EAGAIN { return false }
            throw SystemError(error, while: "read from the program")
        }
        guard !part.isEmpty else {
            stream.descriptor = nil
            pipes.close(descriptor)
            return false
        }
        guard stream.bytes.count + part.count <= stream.maximum.bytes else {
            throw SystemError(
                .outputTooLarge, "The program said more than the \(stream.maximum) that are read, and was ended.")
        }
        stream.bytes += part
        return true
    }
}
