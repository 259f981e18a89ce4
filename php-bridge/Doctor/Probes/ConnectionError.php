<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

/**
 * Why there was no answer over HTTP.
 */
enum ConnectionError
{
    case UnknownHost;
    case Refused;
    case Silent;
    /** Asked for TLS, it speaks plain HTTP. */
    case Plain;
    /** Asked in plain HTTP, it speaks TLS. */
    case Encrypted;
    case Certificate;
    case Tls;
    case NoHttp;
}
