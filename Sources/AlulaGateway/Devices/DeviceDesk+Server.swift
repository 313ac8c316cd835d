import AlulaProtocol
import AlulaServer

extension DeviceDesk {
    /// Has `server` tell those who may know of it, and end the connections whose rights were taken away.
    nonisolated func report(to server: GatewayServer) {
        introduce { news in
            if let event = news.event { server.broadcast(event.name, payload: event.payload, isDroppable: true) }
            if case .withdrawn(let device, let role, let reason) = news {
                server.withdraw(device, role: role, reason: reason.closeReason)
            }
        }
    }
}
