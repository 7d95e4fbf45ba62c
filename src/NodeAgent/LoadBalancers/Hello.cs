namespace NodeAgent.LoadBalancers;

/// <summary>
/// What nodes tell each other: "I am alive". Eight bytes: "NALB", the version 1, whether the sender can hold addresses, two zeros. Who
/// sends it is told by its source address alone (<see cref="HelloSocket"/>).
/// </summary>
internal static class Hello
{
    public const int Length = 8;

    private static ReadOnlySpan<byte> Beginning => "NALB\u0001"u8;

    public static byte[] Write(bool ready) => [.. Beginning, ready ? (byte)1 : (byte)0, 0, 0];

    /// <returns>Whether the sender can hold addresses; null for what is no hello.</returns>
    public static bool? Read(ReadOnlySpan<byte> message) => message.Length == Length && message.StartsWith(Beginning) ? message[5] == 1 : null;
}
