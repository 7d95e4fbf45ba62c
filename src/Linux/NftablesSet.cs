namespace Linux;

/// <summary>A set, or a map, of nf_tables: a hash table over its keys that grows as it must.</summary>
/// <param name="Key">The fields of a key.</param>
/// <param name="Data">The fields of what an element leads to; empty for a set.</param>
public sealed record NftablesSet(string Name, IReadOnlyList<NftablesType> Key, IReadOnlyList<NftablesType> Data)
{
    public NftablesSet(string name, params NftablesType[] key) : this(name, key, []) { }

    /// <summary>A map whose elements lead to chains.</summary>
    public bool Verdicts { get; init; }

    /// <summary>Rules add elements by themselves (nft: <c>flags dynamic,timeout</c>), which are forgotten after this time, at whole milliseconds; null = a plain set.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How many elements a set with a <see cref="Timeout"/> takes at most.</summary>
    public int Size { get; init; } = 65535;

    /// <summary>What nft(8) keeps with a set for itself: how to print types that their numbers alone do not tell. Empty = what it works out.</summary>
    public ReadOnlyMemory<byte> UserData { get; init; }

    internal uint Flags => (Data.Count > 0 || Verdicts ? LibC.NFT_SET_MAP : 0) | (Timeout is null ? 0 : LibC.NFT_SET_TIMEOUT | LibC.NFT_SET_EVAL);
    internal uint KeyType => TypeOf(Key);
    internal int KeyLength => 4 * Key.Count;
    internal uint DataType => Verdicts ? LibC.NFT_DATA_VERDICT : TypeOf(Data);
    internal int DataLength => 4 * Data.Count;

    /// <summary>nft's number for fields side by side: six bits each.</summary>
    private static uint TypeOf(IEnumerable<NftablesType> fields) => fields.Aggregate(0u, (type, field) => (type << 6) | (uint)field);

    /// <summary>Whether the kernel's set is this one, as far as packets are concerned.</summary>
    public bool Matches(NftablesSetDump found) =>
        found.Flags == Flags && found.KeyLength == KeyLength && found.DataType == DataType && (Verdicts || found.DataLength == DataLength) && found.Timeout == (Timeout ?? TimeSpan.Zero);

    public override string ToString() => Name;
}

/// <summary>A set as the kernel has it; see linux/netfilter/nf_tables.h for the numbers.</summary>
public sealed record NftablesSetDump(string Name, uint Flags, int KeyLength, uint DataType, int DataLength, TimeSpan Timeout);

/// <summary>An element of a set or map.</summary>
/// <param name="Data">Of a map.</param>
/// <param name="Chain">Of a map of verdicts: the chain that it goes to.</param>
/// <param name="Comment">nft(8) prints it.</param>
public readonly record struct NftablesElement(NftablesValue Key, NftablesValue Data = default, string? Chain = null, string? Comment = null)
{
    /// <summary>Whether it leads to the same.</summary>
    public bool LeadsWhere(NftablesElement other) => Data == other.Data && Chain == other.Chain;
}
