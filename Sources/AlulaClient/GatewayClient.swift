package import AlulaJSON
package import AlulaPrimitives
package import AlulaProtocol

/// A connection to a running gateway.
package actor GatewayClient {
    /// What a client says about itself, and the secret it shows.
    package struct Introduction: Sendable {
        package var id = "cli"
        package var mode = "cli"
        package var version: String
        package var platform: String
        package var scopes = [
            "operator.admin", "operator.approvals", "operator.pairing", "operator.read", "operator.write",
        ]
        package var token: Secret?
        package var password: Secret?
        package var versions = 3...4

        package init(version: String, platform: String = "linux", token: Secret? = nil, password: Secret? = nil) {
            self.version = version
            self.platform = platform
            self.token = token
            self.password = password
        }
    }

    /// Events of the gateway, in order; beyond 1024 that nobody takes, newer ones are dropped.
    package nonisolated let events: AsyncStream<GatewayFrame.Event>
    /// The gateway's `hello-ok`.
    package nonisolated let hello: JSONValue

    private let channel: FrameChannel
    private let event: AsyncStream<GatewayFrame.Event>.Continuation
    private var nextID = 1
    private var pending: [String: CheckedContinuation<JSONValue, any Error>] = [:]
    private var ending: ClientError?
    private var reader: Task<Void, Never>?

    private init(
        channel: FrameChannel, hello: JSONValue,
        events: (stream: AsyncStream<GatewayFrame.Event>, continuation: AsyncStream<GatewayFrame.Event>.Continuation)
    ) {
        self.channel = channel
        self.hello = hello
        self.events = events.stream
        event = events.continuation
    }

    /// Connects, introduces itself and returns once it is let in.
    ///
    /// - Throws: ``ClientError``, or `CancellationError`.
    package static func connect(
        to address: GatewayAddress, as introduction: Introduction, deadline: Deadline
    ) async throws -> GatewayClient {
        let channel: FrameChannel
        do {
            channel = try await FrameChannel.connect(address, timeout: deadline.remaining)
        } catch let error as ClientError {
            throw error
        } catch {
            throw ClientError(.unreachable, "No gateway answers there.", underlying: error)
        }
        do {
            return try await withDeadline(deadline) {
                var incoming = channel.incoming.makeAsyncIterator()
                let hello = try await introduce(introduction, on: channel, incoming: &incoming)
                let client = GatewayClient(
                    channel: channel, hello: hello,
                    events: AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1024)))
                await client.startReading()
                return client
            }
        } catch {
            await channel.close()
            throw error
        }
    }

    /// Calls a method and returns its result.
    ///
    /// - Throws: ``ClientError``, with the gateway's own error for a refused request, or `CancellationError`.
    package func call(_ method: String, _ parameters: JSONValue = [:], deadline: Deadline) async throws -> JSONValue {
        if let ending { throw ending }
        let id = String(nextID)
        nextID += 1
        let frame = GatewayFrame.request(.init(id: id, method: method, parameters: parameters))
        do {
            return try await withDeadline(deadline) { try await self.ask(id, frame) }
        } catch {
            pending.removeValue(forKey: id)?.resume(throwing: error)
            throw error
        }
    }

    /// Ends the connection. Calls that still wait fail with ``ClientError/Code/closed``.
    package func close() async {
        end(with: ClientError(.closed, "The connection was closed."))
        reader?.cancel()
        await channel.close()
    }

    private func ask(_ id: String, _ frame: GatewayFrame) async throws -> JSONValue {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if let ending { return continuation.resume(throwing: ending) }
                pending[id] = continuation
                // It ends with the write; a failed one ends the connection, which fails this call.
                Task {
                    do { try await channel.send(frame.encoded) } catch {
                        self.fail(id, with: ClientError(.closed, "The connection is gone.", underlying: error))
                    }
                }
            }
        } onCancel: {
            // It only hands the cancellation on to the actor.
            Task { await self.fail(id, with: CancellationError()) }
        }
    }

    private func fail(_ id: String, with error: any Error) {
        pending.removeValue(forKey: id)?.resume(throwing: error)
    }

    // MARK: Reading

    private func startReading() {
        // Kept in `reader`; it ends with the connection or with `close()`.
        reader = Task { await self.read() }
    }

    private func read() async {
        var ending = ClientError(.closed, "The gateway closed the connection.")
        do {
            for try await incoming in channel.incoming {
                switch incoming {
                case .message(let bytes): take(bytes)
                case .closed(let code, let reason):
                    ending = ClientError(
                        .closed, "The gateway closed the connection (\(code)\(reason.isEmpty ? "" : ", \(reason)")).")
                }
            }
        } catch let error as ClientError {
            ending = error
        } catch {
            ending = ClientError(.closed, "The connection broke.", underlying: error)
        }
        end(with: ending)
    }

    private func take(_ bytes: [UInt8]) {
        let frame: GatewayFrame
        do throws(FrameError) { frame = try GatewayFrame.decode(bytes) } catch { return }
        switch frame {
        case .request: break
        case .event(let received): event.yield(received)
        case .response(let response):
            guard let waiting = pending[response.id] else { return }
            switch response.outcome {
            case .success(let payload):
                // A method that answers twice says first that it accepted.
                if payload["status"] == "accepted" { return }
                pending[response.id] = nil
                waiting.resume(returning: payload)
            case .failure(let error, _):
                pending[response.id] = nil
                waiting.resume(throwing: ClientError(.remote, error.message, remote: error))
            }
        }
    }

    private func end(with error: ClientError) {
        guard ending == nil else { return }
        ending = error
        for waiting in pending.values { waiting.resume(throwing: error) }
        pending = [:]
        event.finish()
    }

    // MARK: Introduction

    private static func introduce(
        _ introduction: Introduction, on channel: FrameChannel,
        incoming: inout AsyncThrowingStream<FrameChannel.Incoming, any Error>.AsyncIterator
    ) async throws -> JSONValue {
        guard case .event(let challenge) = try await next(&incoming), challenge.name == "connect.challenge" else {
            throw ClientError(.malformedAnswer, "What listens there does not speak the gateway's protocol.")
        }
        let request = GatewayFrame.request(
            .init(id: "connect", method: "connect", parameters: introduction.parameters))
        try await channel.send(request.encoded)
        while true {
            guard case .response(let response) = try await next(&incoming), response.id == "connect" else { continue }
            switch response.outcome {
            case .success(let hello): return hello
            case .failure(let error, _): throw refusal(error)
            }
        }
    }

    private static func next(
        _ incoming: inout AsyncThrowingStream<FrameChannel.Incoming, any Error>.AsyncIterator
    ) async throws -> GatewayFrame {
        switch try await incoming.next(isolation: #isolation) {
        case nil: throw ClientError(.closed, "The gateway closed the connection.")
        case .closed(let code, let reason)?:
            throw ClientError(.closed, "The gateway closed the connection (\(code), \(reason)).")
        case .message(let bytes)?:
            do throws(FrameError) {
                return try GatewayFrame.decode(bytes)
            } catch {
                throw ClientError(
                    .malformedAnswer, "What listens there does not speak the gateway's protocol.", underlying: error)
            }
        }
    }

    private static func refusal(_ error: GatewayError) -> ClientError {
        let code = error.details?["code"]?.string ?? ""
        if code == "PROTOCOL_MISMATCH" || error.message == "protocol mismatch" {
            return ClientError(
                .protocolMismatch, "The gateway speaks another version of the protocol.", remote: error)
        }
        if code.hasPrefix("AUTH_") || code.hasPrefix("DEVICE_") || error.code == .notPaired
            || error.message.hasPrefix("unauthorized")
        {
            return ClientError(.unauthorized, error.message, remote: error)
        }
        return ClientError(.remote, error.message, remote: error)
    }
}

extension GatewayClient.Introduction {
    /// The parameters of `connect`.
    fileprivate var parameters: JSONValue {
        var auth = JSONObject()
        auth["token"] = token.map { .string($0.exposed) }
        auth["password"] = password.map { .string($0.exposed) }
        var object = JSONObject()
        object["minProtocol"] = .number(versions.lowerBound)
        object["maxProtocol"] = .number(versions.upperBound)
        object["client"] = [
            "id": .string(id), "version": .string(version), "platform": .string(platform), "mode": .string(mode),
        ]
        object["role"] = "operator"
        object["scopes"] = .array(scopes.map { .string($0) })
        if !auth.isEmpty { object["auth"] = .object(auth) }
        return .object(object)
    }
}

/// Runs `body` and stops waiting for it at `deadline`.
private func withDeadline<Value: Sendable>(
    _ deadline: Deadline, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await ContinuousClock().sleep(until: deadline.instant)
            throw ClientError(.timedOut, "The gateway did not answer in time.")
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
