using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>One form that a client takes, with its parameters, e.g. <c>application/json;as=Table;q=0.9</c> (RFC 9110, 12.5.1).</summary>
internal sealed record AcceptHeader(string Type, IReadOnlyDictionary<string, string> Parameters, double Quality)
{
    /// <summary>What the client takes, the most wanted first; everything where it does not say. Forms that it refuses (q=0) are left out.</summary>
    public static IEnumerable<AcceptHeader> Of(HttpRequest request)
    {
        var header = request.Headers.Accept.ToString();
        return (header.Length == 0 ? "*/*" : header).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(Parse).Where(range => range.Quality > 0).OrderByDescending(range => range.Quality);
    }

    /// <summary>The value of a parameter; null where it is absent.</summary>
    public string? this[string parameter] => Parameters.GetValueOrDefault(parameter);

    /// <summary>The form covers a media type.</summary>
    public bool Takes(string mediaType) =>
        Type == "*/*" || Type == mediaType || Type.EndsWith("/*", StringComparison.Ordinal) && mediaType.StartsWith(Type[..^1], StringComparison.Ordinal);

    private static AcceptHeader Parse(string range)
    {
        var parts = range.Split(';', StringSplitOptions.TrimEntries);
        var parameters = new Dictionary<string, string>();
        foreach (var part in parts[1..])
            if (part.Split('=', 2) is [var name, var value]) parameters[name.ToLowerInvariant()] = value.Trim('"');
        var quality = parameters.GetValueOrDefault("q") is { } q && double.TryParse(q, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : 1;
        return new AcceptHeader(parts[0].ToLowerInvariant(), parameters, quality);
    }
}
