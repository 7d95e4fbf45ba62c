using KubeApi.Objects;

namespace KubeApi;

/// <summary>
/// A query over labels: clauses joined by "and". Text form as in the <c>labelSelector</c> parameter:
/// <c>a=b,c!=d,e in (x,y),f notin (z),g,!h</c> (k8s.io/apimachinery labels.Parse).
/// </summary>
public sealed class Selector
{
    private enum Operator { In, NotIn, Exists, DoesNotExist }

    private sealed record Clause(string Key, Operator Operator, IReadOnlyList<string> Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string>? labels)
        {
            var value = labels?.GetValueOrDefault(Key);
            return Operator switch
            {
                Operator.In => value is not null && Values.Contains(value),
                Operator.NotIn => value is null || !Values.Contains(value), // an absent label is not in any set
                Operator.Exists => value is not null,
                _ => value is null,
            };
        }

        public override string ToString() => Operator switch
        {
            Operator.In when Values.Count == 1 => $"{Key}={Values[0]}",
            Operator.NotIn when Values.Count == 1 => $"{Key}!={Values[0]}",
            Operator.In => $"{Key} in ({string.Join(',', Values)})",
            Operator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
            Operator.Exists => Key,
            _ => "!" + Key,
        };
    }

    private readonly IReadOnlyList<Clause> clauses;

    private Selector(IReadOnlyList<Clause> clauses) => this.clauses = clauses;

    public static Selector Everything { get; } = new([]);

    public bool IsEverything => clauses.Count == 0;

    public bool Matches(IReadOnlyDictionary<string, string>? labels) => clauses.All(clause => clause.Matches(labels));

    /// <summary>Every pair must be there. An empty map selects everything; callers decide what an absent one means.</summary>
    public static Selector OfLabels(IReadOnlyDictionary<string, string> labels) =>
        new(labels.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new Clause(pair.Key, Operator.In, [pair.Value])).ToList());

    /// <exception cref="FormatException">An operator that does not exist, or values missing or superfluous.</exception>
    public static Selector Of(LabelSelector selector)
    {
        var clauses = OfLabels(selector.MatchLabels ?? new Dictionary<string, string>()).clauses.ToList();
        foreach (var expression in selector.MatchExpressions ?? [])
        {
            var op = expression.Operator switch
            {
                "In" => Operator.In, "NotIn" => Operator.NotIn, "Exists" => Operator.Exists, "DoesNotExist" => Operator.DoesNotExist,
                _ => throw new FormatException($"\"{expression.Operator}\" is not a valid label selector operator"),
            };
            var values = expression.Values ?? [];
            if (op is Operator.In or Operator.NotIn != values.Count > 0)
                throw new FormatException($"{expression.Operator} takes {(values.Count > 0 ? "no values" : "at least one value")}");
            clauses.Add(new Clause(expression.Key, op, values));
        }
        return new Selector(clauses);
    }

    /// <exception cref="FormatException">The text is no selector; the message says where.</exception>
    public static Selector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return Everything;
        var clauses = SplitOutsideParentheses(text).Select(part => ParseClause(part.Trim(), text)).ToList();
        return new Selector(clauses);
    }

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] != ',' || depth != 0) continue;
            yield return text[start..i];
            start = i + 1;
        }
        yield return text[start..];
    }

    private static Clause ParseClause(string part, string text)
    {
        if (part.EndsWith(')') && part.IndexOf('(') is > 0 and var open)
        {
            var head = part[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var values = part[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries);
            if (head is [var setKey, "in" or "notin"])
                return new Clause(Key(setKey, text), head[1] == "in" ? Operator.In : Operator.NotIn, values.Select(v => Value(v, text)).ToList());
        }
        else if (part.IndexOf("!=", StringComparison.Ordinal) is > 0 and var not)
            return new Clause(Key(part[..not], text), Operator.NotIn, [Value(part[(not + 2)..], text)]);
        else if (part.IndexOf('=') is > 0 and var equals)
            return new Clause(Key(part[..equals], text), Operator.In, [Value(part[(equals + 1)..].TrimStart('='), text)]);
        else if (part.StartsWith('!'))
            return new Clause(Key(part[1..], text), Operator.DoesNotExist, []);
        else if (part.Length > 0)
            return new Clause(Key(part, text), Operator.Exists, []);
        throw new FormatException($"unable to parse requirement: \"{part}\" in selector \"{text}\"");
    }

    private static string Key(string key, string text) => key.Trim() is { Length: > 0 } trimmed && trimmed.All(IsNameCharacter) ? trimmed
        : throw new FormatException($"unable to parse requirement: invalid label key \"{key.Trim()}\" in selector \"{text}\"");

    private static string Value(string value, string text) => value.Trim() is { Length: <= 63 } trimmed && trimmed.All(c => c != '/' && IsNameCharacter(c)) ? trimmed
        : throw new FormatException($"unable to parse requirement: invalid label value \"{value.Trim()}\" in selector \"{text}\"");

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/';

    public override string ToString() => string.Join(',', clauses);
}
