import CAlulaShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Descriptors for a child's standard streams. Those that nobody closed are closed with the object.
///
/// Used by one thread at a time.
final class ChildPipes {
    private(set) var open: Set<Int32> = []

    init() {}

    deinit { open.forEach { Descriptor.close($0) } }

    /// A pipe; our end does not block.
    ///
    /// - Parameter childReads: Whether the child gets the reading end.
    func makePipe(childReads: Bool) throws(SystemError) -> (ours: Int32, childs: Int32) {
        var ends: [Int32] = [-1, -1]
        guard alula_pipe(&ends) == 0 else { throw SystemError(.current, while: "make a pipe to the program") }
        open.formUnion(ends)
        let (ours, childs) = childReads ? (ends[1], ends[0]) : (ends[0], ends[1])
        guard fcntl(ours, F_SETFL, fcntl(ours, F_GETFL) | O_NONBLOCK) == 0 else {
            throw SystemError(.current, while: "set up the pipe to the program")
        }
        return (ours, childs)
    }

    /// `/dev/null`, above the standard descriptors.
    func openNull(_ flags: Int32) throws(SystemError) -> Int32 {
        let null = Descriptor.open("/dev/null", flags | O_CLOEXEC)
        guard null >= 0 else { throw SystemError(.current, while: "open the null device") }
        defer { Descriptor.close(null) }
        return try duplicate(null)
    }

    /// A copy of `descriptor` above the standard ones.
    func duplicate(_ descriptor: Int32) throws(SystemError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemError(.current, while: "set up the streams of the program") }
        open.insert(copy)
        return copy
    }

    /// Closes one of these descriptors now.
    func close(_ descriptor: Int32) {
        if open.remove(descriptor) != nil { Descriptor.close(descriptor) }
    }

    /// Leaves a descriptor to the caller.
    func release(_ descriptor: Int32) -> Int32 {
        open.remove(descriptor)
        return descriptor
    }
}
