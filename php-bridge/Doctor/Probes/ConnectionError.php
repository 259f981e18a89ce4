<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

/**
 * Why there was no HTTP response.
 */
enum ConnectionError
{
    case UnknownHost;
    case Refused;
    case Silent;
    /** The program expects plain HTTP, and the request used TLS. */
    case Plain;
    /** The program expects TLS, and the request used plain HTTP. */
    case Encrypted;
    case Certificate;
    case Tls;
    case NoHttp;
}
