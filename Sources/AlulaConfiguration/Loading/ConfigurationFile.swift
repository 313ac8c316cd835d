/// A file's content, as the adapter that reads files hands it to the loader.
package struct ConfigurationFile: Sendable {
    /// The content.
    package let bytes: [UInt8]
    /// The absolute path with every symbolic link resolved.
    package let realPath: String
    /// Whether the file has further names; such a file is not included, since its other name may lie anywhere.
    package let isHardLinked: Bool

    /// A file that was read.
    package init(bytes: [UInt8], realPath: String, isHardLinked: Bool = false) {
        self.bytes = bytes
        self.realPath = realPath
        self.isHardLinked = isHardLinked
    }
}

/// A file that the configuration was made from, or would have been.
package struct ConfigurationSource: Hashable, Sendable {
    /// The path that was asked for; this is what to watch.
    package let path: String
    /// The path without symbolic links; `nil` when nothing was read.
    package let realPath: String?
    /// Differs between contents with near certainty; `nil` when nothing was read. Not for security.
    package let contentHash: UInt64?

    /// A file that was looked for.
    package init(path: String, realPath: String?, contentHash: UInt64?) {
        self.path = path
        self.realPath = realPath
        self.contentHash = contentHash
    }
}

/// The FNV-1a hash, which is the same in every process.
enum ContentHash {
    /// Sixty-four bits that say whether content changed.
    static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBufferPointer { buffer in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in buffer { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            return hash
        }
    }
}
