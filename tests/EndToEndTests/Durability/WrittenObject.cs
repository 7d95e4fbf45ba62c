using KubeApi.Objects;

namespace EndToEndTests.Durability;

/// <summary>
/// The state of one object as its only writer knows it: what was acknowledged last, and what was sent since without an
/// answer. A state is a token, which stands in the object three times; null is "does not exist".
/// </summary>
internal sealed class WrittenObject(string name)
{
    private string? acknowledged;
    private (bool Sent, string? Token) unanswered;

    public string Name => name;

    public bool Exists => acknowledged is not null;

    /// <summary>Of the acknowledged state; of a deletion, that of the state before.</summary>
    public long Revision { get; private set; }

    public void Sending(string? token) => unanswered = (true, token);

    public void Acknowledged(string? token, long revision)
    {
        Assert.True(token is null || revision > Revision, $"{name}: an answer with revision {revision} after one with {Revision}");
        (acknowledged, Revision, unanswered) = (token, token is null ? Revision : revision, default);
    }

    /// <summary>After a restart: the object is as acknowledged, or as the write without an answer would have it, and nothing else.</summary>
    public void Verify(KubeObject? stored)
    {
        var token = stored is null ? null : Token(stored);
        var revision = stored is null ? Revision : long.Parse(stored.Metadata.ResourceVersion!);
        var kept = token == acknowledged && revision == Revision;
        var later = unanswered.Sent && token == unanswered.Token && (stored is null || revision > Revision);
        Assert.True(kept || later, $"{name}: stored is {token ?? "nothing"} at {revision}; acknowledged was {acknowledged ?? "nothing"} at {Revision}, "
            + (unanswered.Sent ? $"without an answer {unanswered.Token ?? "a deletion"}" : "nothing without an answer"));
        (acknowledged, Revision, unanswered) = (token, revision, default);
    }

    public static Dictionary<string, string> Content(string token) => new()
    {
        ["token"] = token, ["copy"] = token, ["filler"] = string.Concat(Enumerable.Repeat(token, 1 + token.Sum(letter => letter) % 7 * 150)),
    };

    /// <summary>Others' objects are in the namespace too.</summary>
    public static bool IsOne(KubeObject obj) => obj.Metadata.Annotations?.ContainsKey("token") == true;

    public static string Token(KubeObject obj) => obj.Metadata.Annotations!["token"];

    /// <summary>Not one part of it from one write and another from another.</summary>
    public static void RequireWhole(KubeObject obj)
    {
        var content = obj.Metadata.Annotations!;
        Assert.Equal(content["token"], content["copy"]);
        Assert.Equal("", content["filler"].Replace(content["token"], "", StringComparison.Ordinal));
    }
}
