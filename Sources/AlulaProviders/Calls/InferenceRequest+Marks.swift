import AlulaInference
import AlulaModels

extension InferenceRequest {
    /// What Copilot wants to be told of a request in headers: whom it goes by, since it counts what people ask, and whether there is
    /// something to be seen.
    var marks: [(name: String, value: String)] {
        var marks = [(name: "x-initiator", value: isGoingOn ? "agent" : "user")]
        if needs.contains(where: { $0.capability == .images }) {
            marks.append((name: "copilot-vision-request", value: "true"))
        }
        return marks
    }

    /// Whether the turn that a person began goes on by itself. Some programs add words of their own to what tools answered.
    private var isGoingOn: Bool {
        switch messages.last(where: { ![.system, .developer, .user].contains($0.role) })?.role {
        case .tool?: true
        case .assistant?: messages.last { $0.role != .system && $0.role != .developer }?.role == .assistant
        case .system?, .developer?, .user?, nil: false
        }
    }
}
