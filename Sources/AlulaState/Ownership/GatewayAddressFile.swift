import AlulaPrimitives
package import AlulaSystem

/// The word that a running gateway leaves about where it listens, for commands on the same machine.
package enum GatewayAddressFile {
    private static let maximum = ByteCount.kibibytes(4)

    /// Writes `url` beside the process's id. Blocks the calling thread.
    package static func write(_ url: String, processID: Int32, to path: String) throws(SystemError) {
        _ = try DurableFile.replace(path, with: Array("\(processID) \(url)\n".utf8))
    }

    /// The address, if it was written by the process `holder`. Blocks the calling thread.
    package static func read(_ path: String, holder: Int32?) -> String? {
        do throws(SystemError) {
            guard let contents = try FileReader.readExisting(path, maximum: maximum) else { return nil }
            let parts = contents.text.split { $0 == " " || $0.isNewline }
            guard parts.count == 2, let pid = Int32(parts[0]), pid == holder else { return nil }
            return String(parts[1])
        } catch {
            return nil
        }
    }
}
