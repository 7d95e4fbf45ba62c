using Linux;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;

namespace UnitTests.ServiceProxy;

/// <summary>The nftables mode's table and its changes as lines of text.</summary>
internal static class NftablesTexts
{
    /// <summary>What is written for a table where there was nothing.</summary>
    public static (NftablesTable Table, NftablesUpdate Update) Made(ServiceTable services)
    {
        var change = new NftablesUpdate();
        return (new NftablesTable(services, null, change), change);
    }

    /// <summary>What the last changes of the services change in the table.</summary>
    public static string Followed(this NftablesTable table, ServiceTable services)
    {
        var change = new NftablesUpdate();
        table.Follow(services, services.Take(), change);
        return Lines(change);
    }

    /// <summary>First what the first transaction does, then the second: "+ …", "~ …" for what is replaced, "- …".</summary>
    public static string Lines(NftablesUpdate change) => string.Join('\n',
    [
        .. change.NewSets.Select(set => $"+ set {set.Name}"),
        .. change.NewChains.SelectMany(chain => Chain("+", chain)),
        .. change.Rewritten.SelectMany(pair => Chain("~", pair.Wanted)),
        .. Elements("+", change.Added), .. Elements("~", change.Replaced), .. Elements("-", change.Removed),
        .. change.RemovedChains.Select(chain => $"- chain {chain.Name}"),
        .. change.RemovedSets.Select(set => $"- set {set}"),
    ]);

    private static IEnumerable<string> Chain(string sign, NftablesChain chain) => chain.Rules.Select(rule => $"{sign} {chain.Name}: {rule}");

    public static IEnumerable<string> Elements(string sign, IEnumerable<SetElement> elements) =>
        elements.Select(element => $"{sign} {ElementText.Of(element.Set, element.Element)["element ip na ".Length..]}").Order(StringComparer.Ordinal);
}
