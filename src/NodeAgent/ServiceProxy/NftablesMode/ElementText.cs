using System.Globalization;
using Linux;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>Elements as nft(8) writes them.</summary>
internal static class ElementText
{
    /// <summary><c>element ip na fe-endpoints { 10.96.0.1 . tcp . 80 . 0 : 10.244.1.2 . 80 }</c></summary>
    public static string Of(string set, NftablesElement element)
    {
        var target = element.Chain is { } chain ? $" : goto {chain}" : element.Data.Count == 2 ? $" : {Address(element.Data[0])} . {Port(element.Data[1])}" : "";
        return $"element ip {NftablesTable.Name} {set} {{ {Key(set, element.Key)}{(element.Comment is { } comment ? $" comment \"{comment}\"" : "")}{target} }}";
    }

    private static string Key(string set, NftablesValue key)
    {
        var form = FrontendForm.Both.FirstOrDefault(form => set.StartsWith($"{form.Prefix}-", StringComparison.Ordinal));
        return string.Join(" . ", Enumerable.Range(0, key.Count).Select(i => (form is not null && i >= form.Key.Count ? NftablesType.Integer : form?.Key[i] ?? NftablesType.Ipv4Address) switch
        {
            NftablesType.Ipv4Address => Address(key[i]),
            NftablesType.Protocol => Protocols.Name(key[i]),
            NftablesType.Service => Port(key[i]),
            _ => key[i].ToString(CultureInfo.InvariantCulture),
        }));
    }

    private static string Address(uint field) => NftablesValue.Address(field).ToString();

    private static string Port(uint field) => NftablesValue.Port(field).ToString(CultureInfo.InvariantCulture);
}
