import AlulaJSON
import ArgumentParser

/// One command as its parser describes it.
struct DescribedCommand {
    /// What may be typed behind it.
    struct Argument {
        /// As it is typed, such as `--timeout <ms>`.
        let names: String
        /// `nil` when there is none.
        let standard: String?
        let isRequired: Bool
        /// Empty when nothing is said about it.
        let help: String
    }

    /// From the program's name on, such as `alula config get`.
    let path: String
    let isShown: Bool
    let abstract: String
    /// Examples, a line for each.
    let usage: String?
    let discussion: String
    let aliases: [String]
    let defaultSubcommand: String?
    let arguments: [Argument]
    /// Where the very same command has its home, when that is elsewhere.
    var original: String?

    /// Every command, each before those below it.
    static var all: [DescribedCommand] {
        var found: [(kind: ObjectIdentifier, command: DescribedCommand)] = []
        collect(AlulaCommand.self, dump(of: AlulaCommand.self), path: [], into: &found)
        for index in found.indices {
            let command = found[index].command
            guard !command.isHome, command.usage != nil else { continue }
            let home = found.first { $0.kind == found[index].kind && $0.command.isHome }
            found[index].command.original = home?.command.path
        }
        return found.map(\.command)
    }

    /// Whether its examples are written the way it is reached here.
    private var isHome: Bool { usage?.contains(path) ?? true }

    private static func collect(
        _ kind: any ParsableCommand.Type, _ description: JSONValue, path: [String],
        into found: inout [(kind: ObjectIdentifier, command: DescribedCommand)]
    ) {
        let name = description["commandName"]?.string ?? ""
        let place = path + [name]
        let command = DescribedCommand(
            path: place.joined(separator: " "), isShown: description["shouldDisplay"]?.bool ?? true,
            abstract: description["abstract"]?.string ?? "", usage: kind.configuration.usage,
            discussion: description["discussion"]?.string ?? "",
            aliases: description["aliases"]?.array?.compactMap(\.string) ?? [],
            defaultSubcommand: description["defaultSubcommand"]?.string, arguments: arguments(in: description))
        found.append((ObjectIdentifier(kind), command))
        let below = description["subcommands"]?.array ?? []
        // The parser adds `help` of its own behind ours.
        for (child, part) in zip(kind.configuration.subcommands, below) {
            collect(child, part, path: place, into: &found)
        }
    }

    /// The parser's own words about a command or a group of options; null when they can't be read.
    static func dump(of kind: any ParsableArguments.Type) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue.parse(kind._dumpHelp())["command"] ?? .null
        } catch {
            // A test holds every command against the page, so this would not stay unseen.
            return .null
        }
    }

    /// What is shown of a command's arguments, without what every program has.
    static func arguments(in description: JSONValue) -> [Argument] {
        let shown = description["arguments"]?.array?.filter { $0["shouldDisplay"]?.bool ?? true } ?? []
        return shown.compactMap { argument in
            let names = spelling(of: argument)
            guard !["-h, --help", "--version"].contains(names) else { return nil }
            return Argument(
                names: names, standard: argument["defaultValue"]?.string,
                isRequired: argument["isOptional"]?.bool == false && argument["defaultValue"] == nil,
                help: argument["abstract"]?.string ?? "")
        }
    }

    private static func spelling(of argument: JSONValue) -> String {
        let value = "<\(argument["valueName"]?.string ?? "value")>"
        let more = argument["isRepeating"]?.bool == true ? "…" : ""
        guard argument["kind"] != "positional" else { return value + more }
        let names = (argument["names"]?.array ?? []).map { name in
            (name["kind"] == "long" ? "--" : "-") + (name["name"]?.string ?? "")
        }
        return names.joined(separator: ", ") + (argument["kind"] == "option" ? " \(value)" : "") + more
    }
}
