import AlulaPrimitives
import AlulaProtocol
import Logging

/// What all connections share.
struct ServerCore: Sendable {
    let settings: ServerSettings
    let operations: any GatewayOperations
    let devices: any DeviceAdmitting
    let broadcaster: EventBroadcaster
    let presence: PresenceBoard
    let limiter: FailureLimiter
    let calls = CallLimiter()
    let waiting: WaitingSockets
    let logger: Logger
    /// The wall clock, for events.
    let now: @Sendable () -> Timestamp

    var rules: AdmissionRules {
        AdmissionRules(
            authentication: settings.authentication, origins: settings.origins,
            keepsRemoteTokenScopes: settings.keepsRemoteTokenScopes, disablesDeviceAuth: settings.disablesDeviceAuth)
    }
}
