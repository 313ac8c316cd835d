package import AlulaAuth
package import AlulaPrimitives
import Crypto

extension FactVersion {
    /// The version of a source with these contents, in a fixed order.
    package init(of parts: [[UInt8]]) {
        var hash = SHA256()
        for part in parts {
            // The length keeps a byte that moves from one file to the next from going unnoticed.
            withUnsafeBytes(of: UInt64(part.count).littleEndian) { hash.update(bufferPointer: $0) }
            part.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        self.init(firstBytesOf: hash.finalize())
    }

    /// A digest by which two copies of one credential are recognised, and by which neither can be found.
    ///
    /// It is salted with a fixed word, so that it matches no table of hashes made elsewhere.
    package init(recognising secret: Secret) {
        var hash = SHA256()
        for text in ["alula credential digest 1\u{0}", secret.normalised.exposed] {
            Array(text.utf8).withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        self.init(firstBytesOf: hash.finalize())
    }

    private init(firstBytesOf digest: SHA256.Digest) {
        self.init(rawValue: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}
