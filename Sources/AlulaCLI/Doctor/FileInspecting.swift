package import AlulaPrimitives

/// What a look at a path tells, without opening it.
package struct FileInspection: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file
        case directory
        case other
    }

    package var kind: Kind
    /// Permission bits, such as `0o600`.
    package var mode: UInt32
    /// Whether the file belongs to whoever runs this.
    package var isOwn: Bool
    package var size: ByteCount

    package init(kind: Kind, mode: UInt32, isOwn: Bool = true, size: ByteCount = 0) {
        self.kind = kind
        self.mode = mode
        self.isOwn = isOwn
        self.size = size
    }

    /// Whether others than the owner may read it.
    package var isReadableByOthers: Bool { mode & 0o044 != 0 }
    /// Whether others than the owner may change it.
    package var isWritableByOthers: Bool { mode & 0o022 != 0 }
}

/// Looks at the machine for `doctor`, and changes nothing.
package protocol FileInspecting: Sendable {
    /// - Returns: `nil` when nothing is there.
    func inspect(_ path: String) async throws -> FileInspection?
    /// Whether something listens on a port of this machine.
    func isPortInUse(_ port: Int) async -> Bool
    /// How many files a user may watch, and how many watchers a user may have; `nil` where there are no such limits.
    func watchLimits() async -> (watches: Int, instances: Int)?
}
