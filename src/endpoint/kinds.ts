// The kinds of API endpoint there are.
import type { Endpoint, Inventory } from '../model/inventory.js'
import { haproxy } from './haproxy.js'
import type { EndpointKind } from './kind.js'

const kinds: { readonly [K in Endpoint['kind']]: EndpointKind } = { haproxy }

export const kindOf = ({ cluster: { endpoint } }: Inventory): EndpointKind => kinds[endpoint.kind]
