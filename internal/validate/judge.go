package validate

// judge tells what is wrong with a message of which the first pass is done.
func (k *checker) judge(m *message, b []byte, base, depth int) error {
	for i := range m.rows {
		f, s := &m.rows[i], k.slots[base+i]
		if s.n == 0 {
			for _, fault := range f.absent {
				k.report(fault, &step{field: f})
			}
			continue
		}
		if err := k.field(f, s, b, depth); err != nil {
			return err
		}
	}
	for i := range m.oneofs {
		if o := &m.oneofs[i]; o.required && k.slots[base+len(m.rows)+i].n == 0 {
			k.report(o.finding, &step{field: &o.place})
		}
	}
	return nil
}

// field judges a field that is set.
func (k *checker) field(f *field, s slot, b []byte, depth int) error {
	switch f.card {
	case list:
		return k.list(f, s, b, depth)
	case mapping:
		return k.mapping(f, s, b, depth)
	case singular:
	}
	if f.value.form == formNone {
		return nil
	}
	at := step{field: f}
	switch f.record {
	case recordNumber:
		k.number(&f.value, &at, s.raw)
		return nil
	case recordText:
		k.text(&f.value, &at, b[s.start:s.end])
		return nil
	case recordPieces:
	}
	mark := len(k.merged)
	content, err := k.content(f, s, b)
	if err == nil {
		err = k.value(&f.value, &at, 0, content, depth)
	}
	k.merged = k.merged[:mark]
	return err
}

// content returns the content of a singular message. One in pieces is put together.
func (k *checker) content(f *field, s slot, b []byte) ([]byte, error) {
	w := k.values(f, s, b)
	if s.n == 1 {
		_, err := w.advance()
		return w.content, err
	}
	mark := len(k.merged)
	for {
		more, err := w.advance()
		if err != nil {
			return nil, err
		}
		if !more {
			return k.merged[mark:], nil
		}
		if err := k.merge(w.content); err != nil {
			return nil, err
		}
	}
}

// merge adds a piece of a message to what there is. Each must be whole: two halves of a field make none.
func (k *checker) merge(content []byte) error {
	for i := 0; i < len(content); {
		tag, j := uvarint(content, i)
		if j < 0 {
			return errTruncated
		}
		var err error
		if i, err = skip(content, j, tag); err != nil {
			return err
		}
	}
	k.merged = append(k.merged, content...)
	return nil
}

// value judges one value: raw if it is a number, else content.
func (k *checker) value(v *value, at *step, raw uint64, content []byte, depth int) error {
	switch v.form {
	case formNone:
		return nil
	case formNumber:
		k.number(v, at, raw)
		return nil
	case formText:
		k.text(v, at, content)
		return nil
	case formMessage:
		return k.within(at, v.message, content, depth-1)
	case formWrapper:
		return k.wrapper(v.inner, at, content)
	case formDuration:
		return k.duration(v, at, content)
	case formTimestamp:
		return k.timestamp(v, at, content)
	case formAny:
		return k.any(v, at, content, depth)
	}
	return nil
}

func (k *checker) number(v *value, at *step, raw uint64) {
	p := point{major: v.major(raw)}
	if v.lenient && p.major == v.zero {
		return
	}
	for i := range v.tests {
		if t := &v.tests[i]; !t.number(p) {
			k.report(t.finding, at)
		}
	}
}

func (k *checker) text(v *value, at *step, content []byte) {
	if v.lenient && len(content) == 0 {
		return
	}
	for i := range v.tests {
		if t := &v.tests[i]; !t.content(content) {
			k.report(t.finding, at)
		}
	}
}
