namespace NodeAgent.Dns;

/// <summary>Types of records (IANA, DNS parameters).</summary>
internal static class RecordType
{
    public const ushort A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, SRV = 33, OPT = 41, IXFR = 251, AXFR = 252, ANY = 255;
}

/// <summary>RCODE of an answer (RFC 1035 4.1.1, RFC 6891 for <see cref="BadVersion"/>).</summary>
internal static class ResponseCode
{
    public const int NoError = 0, FormatError = 1, ServerFailure = 2, NameError = 3, NotImplemented = 4, Refused = 5, BadVersion = 16;
}

/// <summary>The flags word of a message's header (RFC 1035 4.1.1).</summary>
internal static class DnsFlags
{
    public const int Response = 0x8000, Opcode = 0x7800, Authoritative = 0x0400, Truncated = 0x0200, RecursionDesired = 0x0100, RecursionAvailable = 0x0080, Code = 0x000f;
}
