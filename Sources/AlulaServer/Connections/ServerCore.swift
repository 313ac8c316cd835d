import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import Logging
import Synchronization

/// What all connections share.
final class ServerCore: Sendable {
    /// What counts until the server ends; its `access` is only the first one.
    let settings: ServerSettings
    let operations: any GatewayOperations
    let devices: any DeviceAdmitting
    let keys: any APIKeyAdmitting
    let broadcaster: EventBroadcaster
    let presence: PresenceBoard
    let limiter: FailureLimiter
    let calls = CallLimiter()
    let waiting: WaitingSockets
    let silent: SilentSockets
    let sockets = OpenSockets()
    let executors = LoopExecutors()
    let observer: any ServerObserving
    /// Answers of models under way.
    let answers: OpenAnswers
    /// For what takes longer than an event loop or a task may be held.
    let pool: BlockingPool
    let logger: Logger
    /// The wall clock, for events.
    let now: @Sendable () -> Timestamp
    private let door: Mutex<Door>

    /// Who may come in, and how often the secret for it has changed.
    struct Door: Sendable {
        var access: AccessSettings
        var secretGeneration: UInt64 = 0
    }

    init(
        settings: ServerSettings, operations: any GatewayOperations, devices: any DeviceAdmitting,
        keys: any APIKeyAdmitting, broadcaster: EventBroadcaster, presence: PresenceBoard,
        observer: any ServerObserving, pool: BlockingPool, logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        self.settings = settings
        self.operations = operations
        self.devices = devices
        self.keys = keys
        self.broadcaster = broadcaster
        self.presence = presence
        limiter = FailureLimiter(settings.access.failureLimit)
        waiting = WaitingSockets(maximum: settings.maximumUnauthenticatedPerAddress)
        silent = SilentSockets(maximum: settings.maximumSilentPerAddress)
        self.observer = observer
        answers = OpenAnswers(maximumBytes: settings.models.maximumBodiesTogether.bytes)
        self.pool = pool
        self.logger = logger
        self.now = now
        door = Mutex(Door(access: settings.access))
    }

    /// Somebody came with a wrong secret.
    func recordFailure(of peer: Peer) {
        limiter.failed(peer, at: .now)
        observer.accessFailed(.secret)
    }

    /// Somebody came with a wrong proof of `device`.
    func recordFailure(of peer: Peer, device: DeviceID) {
        limiter.failed(peer, device: device, at: .now)
        observer.accessFailed(.device)
    }

    /// Connections at this moment.
    var connections: ConnectionCounts {
        ConnectionCounts(
            admitted: broadcaster.count, waiting: waiting.count, silent: silent.count, modelRequests: answers.count)
    }

    /// Who may come in now.
    var access: AccessSettings { door.withLock { $0.access } }

    /// What a connection that begins now is judged by.
    var currentDoor: Door { door.withLock { $0 } }

    /// Whether the shared secret is still the one of `generation`.
    func isCurrent(secretGeneration generation: UInt64) -> Bool { door.withLock { $0.secretGeneration == generation } }

    /// Judges new connections by `access`. Whoever came in by another shared secret has to come again.
    func adopt(_ access: AccessSettings) {
        let isOther = door.withLock { door in
            let isOther = !door.access.authentication.isSame(as: access.authentication)
            door.access = access
            if isOther { door.secretGeneration += 1 }
            return isOther
        }
        limiter.adopt(access.failureLimit)
        if isOther { broadcaster.withdrawSharedSecret(reason: Self.secretChanged) }
    }

    /// Why a connection ends whose secret counts no more.
    static let secretChanged = CloseReason(4001, "gateway auth changed")
}
