using System.Globalization;
using KubeApi.Objects;

namespace KubeApi;

public enum LabelOperator { In, NotIn, Exists, DoesNotExist, GreaterThan, LessThan }

/// <summary>One clause of a label selector.</summary>
public sealed record LabelRequirement(string Key, LabelOperator Operator, IReadOnlyList<string> Values)
{
    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        var value = labels?.GetValueOrDefault(Key);
        return Operator switch
        {
            LabelOperator.In => value is not null && Values.Contains(value),
            LabelOperator.NotIn => value is null || !Values.Contains(value), // an absent label is not in any set
            LabelOperator.Exists => value is not null,
            LabelOperator.DoesNotExist => value is null,
            _ => Number(value) is { } number && Number(Values[0]) is { } bound && (Operator == LabelOperator.GreaterThan ? number > bound : number < bound),
        };
    }

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public override string ToString() => Operator switch
    {
        LabelOperator.In when Values.Count == 1 => $"{Key}={Values[0]}",
        LabelOperator.NotIn when Values.Count == 1 => $"{Key}!={Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', Values)})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => "!" + Key,
        LabelOperator.GreaterThan => $"{Key}>{Values[0]}",
        _ => $"{Key}<{Values[0]}",
    };
}

/// <summary>
/// A query over labels: clauses joined by "and". Text form as in the <c>labelSelector</c> parameter:
/// <c>a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1</c> (k8s.io/apimachinery labels.Parse).
/// </summary>
public sealed class Selector
{
    private Selector(IReadOnlyList<LabelRequirement> requirements) => Requirements = requirements;

    public static Selector Everything { get; } = new([]);

    public IReadOnlyList<LabelRequirement> Requirements { get; }

    public bool IsEverything => Requirements.Count == 0;

    public bool Matches(IReadOnlyDictionary<string, string>? labels) => Requirements.All(requirement => requirement.Matches(labels));

    /// <summary>Every pair must be there. An empty map selects everything; callers decide what an absent one means.</summary>
    public static Selector OfLabels(IReadOnlyDictionary<string, string> labels) =>
        new(labels.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new LabelRequirement(pair.Key, LabelOperator.In, [pair.Value])).ToList());

    /// <exception cref="FormatException">An operator that does not exist, or values missing or superfluous.</exception>
    public static Selector Of(LabelSelector selector)
    {
        var requirements = OfLabels(selector.MatchLabels ?? new Dictionary<string, string>()).Requirements.ToList();
        foreach (var expression in selector.MatchExpressions ?? [])
        {
            var op = expression.Operator switch
            {
                "In" => LabelOperator.In, "NotIn" => LabelOperator.NotIn, "Exists" => LabelOperator.Exists, "DoesNotExist" => LabelOperator.DoesNotExist,
                _ => throw new FormatException($"\"{expression.Operator}\" is not a valid label selector operator"),
            };
            var values = expression.Values ?? [];
            if (op is LabelOperator.In or LabelOperator.NotIn != values.Count > 0)
                throw new FormatException($"{expression.Operator} takes {(values.Count > 0 ? "no values" : "at least one value")}");
            requirements.Add(new LabelRequirement(expression.Key, op, values));
        }
        return new Selector(requirements);
    }

    /// <exception cref="FormatException">The text is no selector; the message says where.</exception>
    public static Selector Parse(string? text) => string.IsNullOrWhiteSpace(text) ? Everything : new Selector(SelectorParser.Parse(text));

    public override string ToString() => string.Join(',', Requirements);
}
