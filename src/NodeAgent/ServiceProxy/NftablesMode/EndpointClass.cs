namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>
/// Frontends are sorted into sets by how many endpoints they have, one for each number up to 8, then one for each power of two: the set
/// leads to a chain that is the same for all of them, and draws an index below that number. Above 8 an index may be missing; then it draws again.
/// </summary>
internal static class EndpointClass
{
    /// <summary>The largest number with a class of its own.</summary>
    public const int Exact = 8;

    /// <summary>
    /// Half of the indexes at least are taken, so all but one in 64 have found one by then; for those there is half the class, whose
    /// indexes are all taken.
    /// </summary>
    private const int Tries = 6;

    /// <summary>Added to the indexes of the list for clients from outside: it is kept in the same map.</summary>
    public const uint LocalOffset = 0x8000_0000;

    /// <param name="endpoints">1 at least.</param>
    public static int Of(int endpoints)
    {
        if (endpoints <= Exact) return endpoints;
        var size = 2 * Exact;
        while (size < endpoints) size *= 2;
        return size;
    }

    /// <summary>
    /// The chain's rules. A packet that comes by while elements are exchanged may find nothing where its index was: so it draws twice at
    /// least, and takes the first endpoint in the end.
    /// </summary>
    public static IReadOnlyList<NftablesRule> Rules(FrontendForm form, bool local, int size)
    {
        var offset = local ? LocalOffset : 0;
        IEnumerable<uint> draws = size <= Exact ? [(uint)size, (uint)size, 1] : [.. Enumerable.Repeat((uint)size, Tries), (uint)size / 2, 1];
        return [.. draws.Select(among => new NftablesRule().ToEndpoint(form, among, offset))];
    }
}

/// <summary>A class that is in use.</summary>
/// <param name="Local">Of the list that clients from outside have.</param>
internal readonly record struct UsedClass(FrontendForm Form, bool Local, int Size);
