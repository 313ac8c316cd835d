import AlulaGateway
package import AlulaPrimitives
package import AlulaProtocol
package import AlulaState
package import AlulaSystem

/// Changes the file of API keys, and says failures in the command line's words.
package struct APIKeyFileEditor: APIKeyEditing {
    /// How long to wait for another program that changes the file, and for the disk.
    private static let lockPatience = Duration.seconds(5)
    private static let deadline = Duration.seconds(10)

    private let file: APIKeyFile
    private let pool: BlockingPool
    private let now: @Sendable () -> Timestamp

    package init(layout: StateLayout, pool: BlockingPool, now: @escaping @Sendable () -> Timestamp) {
        file = APIKeyFile(layout)
        self.pool = pool
        self.now = now
    }

    package func list() async throws -> (keys: [APIKey], unreadableCount: Int) {
        let book = try await onDisk { try $0.load() }
        return (book.keys, book.unreadableCount)
    }

    package func create(
        name: String, expiresAt: Timestamp?, limits: APIKeyLimits
    ) async throws -> (text: Secret, key: APIKey) {
        let made = APIKey.make(name: name, at: now(), expiresAt: expiresAt, limits: limits)
        try await onDisk { file in
            try file.change(deadline: .after(Self.lockPatience)) { book in
                guard book.add(made.key) else {
                    throw CommandError(
                        .requestRefused,
                        book.entryCount < APIKeyBook.maximumKeys
                            ? "There is a key \"\(name)\" already. Revoke it first, or choose another name."
                            : "There are \(APIKeyBook.maximumKeys) keys already. Revoke some first.")
                }
            }
        }
        return made
    }

    package func revoke(name: String) async throws -> Bool {
        try await onDisk { file in
            var didRemove = false
            try file.change(deadline: .after(Self.lockPatience)) { didRemove = $0.remove(named: name) }
            return didRemove
        }
    }

    private func onDisk<Value: Sendable>(
        _ body: @escaping @Sendable (APIKeyFile) throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.run("API keys", deadline: .after(Self.deadline)) { [file] in try body(file) }
        } catch let error as StateError {
            throw CommandError(.storeUnavailable, error.message, underlying: error)
        } catch let error as SystemError {
            throw CommandError(.storeUnavailable, error.message, underlying: error)
        }
    }
}

/// An environment without a place for keys.
struct NoAPIKeyFile: APIKeyEditing {
    func list() async throws -> (keys: [APIKey], unreadableCount: Int) { throw Self.missing }

    func create(
        name: String, expiresAt: Timestamp?, limits: APIKeyLimits
    ) async throws -> (text: Secret, key: APIKey) { throw Self.missing }

    func revoke(name: String) async throws -> Bool { throw Self.missing }

    private static let missing = CommandError(.unavailable, "There is no file of API keys here.")
}
